import Primitives
import WireFormat

/// Which records of one table are wanted: the data of a range query.
public struct StateRangeQuery: CanonicalMessage, Equatable {
    /// What the keys begin with: at least the two bytes of a table.
    public var prefix: Bytes
    /// Only records with greater keys are wanted; empty for all of the prefix.
    public var position: Bytes

    public init(prefix: Bytes, after position: Bytes = []) {
        self.prefix = prefix
        self.position = position
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        (prefix, position) = ([], [])
        while let field = try decoder.nextField() {
            switch field {
            case 1: prefix = try decoder.data()
            case 2: position = try decoder.data()
            default: throw decoder.unknownField()
            }
        }
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(prefix, field: 1)
        encoder.write(position, field: 2)
    }
}

/// Records of one table, in ascending order of keys: the answer to a range query.
public struct StateRange: CanonicalMessage, Equatable {
    public var records: [StateRecord]
    /// True where records of the range are left out, because one answer is bounded: they come after the last one here.
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
