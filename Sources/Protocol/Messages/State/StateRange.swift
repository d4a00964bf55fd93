import Primitives
import WireFormat

/// Records of one table, in ascending order of keys: the answer to a range query.
public struct StateRange: CanonicalMessage, Equatable {
    public var records: [StateRecord]
    /// True where records of the range are left out, because one answer is bounded.
    public var hasMore: Bool

    public init(records: [StateRecord], hasMore: Bool = false) {
        self.records = records
        self.hasMore = hasMore
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        (records, hasMore) = ([], false)
        while let field = try decoder.nextField() {
            switch field {
            case 1: records.append(try decoder.message(StateRecord.self, repeated: true))
            case 2: hasMore = try decoder.boolean()
            default: throw decoder.unknownField()
            }
        }
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(repeated: records, field: 1)
        encoder.write(hasMore, field: 2)
    }
}

/// One key of the state with its record's bytes.
public struct StateRecord: CanonicalMessage, Equatable {
    public var key: Bytes
    public var value: Bytes

    public init(key: Bytes, value: Bytes) {
        self.key = key
        self.value = value
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        (key, value) = ([], [])
        while let field = try decoder.nextField() {
            switch field {
            case 1: key = try decoder.data()
            case 2: value = try decoder.data()
            default: throw decoder.unknownField()
            }
        }
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(key, field: 1)
        encoder.write(value, field: 2)
    }
}
