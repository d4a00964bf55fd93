import Primitives

/// Writes protobuf in one canonical way (the rules of Cosmos ADR-027): fields in ascending order, defaults left out,
/// shortest varints, repeated scalars packed. Equal values have equal bytes in every process.
///
/// The caller writes its fields in ascending order; `CanonicalMessage.decode` refuses bytes where that went wrong.
public struct ProtobufEncoder: Sendable {
    /// What has been written so far.
    public private(set) var bytes: Bytes = []

    /// An account's record fits without the array having to grow; more would be kept, unused, by whoever keeps the bytes.
    private static let usualCapacity = 64

    public init() { bytes.reserveCapacity(ProtobufEncoder.usualCapacity) }

    /// An unsigned integer, a boolean or an enumeration; 0 is left out.
    public mutating func write(_ value: UInt64, field: UInt32) {
        guard value != 0 else { return }
        writeTag(field, .varint)
        writeVarint(value)
    }

    /// A boolean; false is left out.
    public mutating func write(_ value: Bool, field: UInt32) { write(value ? 1 : 0, field: field) }

    /// A signed integer as protobuf's `int64`: two's complement, ten bytes where negative; 0 is left out.
    public mutating func write(signed value: Int64, field: UInt32) { write(UInt64(bitPattern: value), field: field) }

    /// Bytes; an empty value is left out.
    public mutating func write(_ value: Bytes, field: UInt32) {
        guard !value.isEmpty else { return }
        writeElement(value, field: field)
    }

    /// Text as UTF-8; an empty value is left out.
    public mutating func write(_ value: String, field: UInt32) { write(Bytes(value.utf8), field: field) }

    /// A hash that is always there, zero or not.
    public mutating func write(_ value: Hash32, field: UInt32) { writeElement(value.bytes, field: field) }

    /// An address that is always there.
    public mutating func write(_ value: Address, field: UInt32) { writeElement(value.bytes, field: field) }

    /// A message; nil is left out, an empty message is written with length 0.
    public mutating func write(_ value: (some CanonicalMessage)?, field: UInt32) {
        guard let value else { return }
        writeElement(value.encoded(), field: field)
    }

    /// Repeated messages, one field each, in the order given.
    public mutating func write(repeated values: [some CanonicalMessage], field: UInt32) {
        for value in values { writeElement(value.encoded(), field: field) }
    }

    /// Repeated bytes, one field each, empty ones included.
    public mutating func write(repeated values: [Bytes], field: UInt32) {
        for value in values { writeElement(value, field: field) }
    }

    /// Repeated texts, one field each, empty ones included.
    public mutating func write(repeated values: [String], field: UInt32) {
        for value in values { writeElement(Bytes(value.utf8), field: field) }
    }

    /// Repeated unsigned integers, packed; no field where there are none.
    public mutating func write(packed values: [UInt64], field: UInt32) {
        guard !values.isEmpty else { return }
        var body = ProtobufEncoder()
        // Most numbers that are sent in rows are amounts: coins of some billions take five bytes.
        body.bytes.reserveCapacity(values.count * 5)
        for value in values { body.writeVarint(value) }
        writeElement(body.bytes, field: field)
    }

    private mutating func writeElement(_ value: Bytes, field: UInt32) {
        writeTag(field, .lengthDelimited)
        writeVarint(UInt64(value.count))
        bytes.append(contentsOf: value)
    }

    private mutating func writeTag(_ field: UInt32, _ type: WireType) {
        writeVarint(UInt64(field) << 3 | UInt64(type.rawValue))
    }

    mutating func writeVarint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    /// `value` as a lone varint, without a field: the length prefix that ICS-23 calls `VAR_PROTO`.
    public static func varint(_ value: UInt64) -> Bytes {
        var encoder = ProtobufEncoder()
        encoder.writeVarint(value)
        return encoder.bytes
    }
}

/// The two wire types that canonical messages of this network use.
enum WireType: UInt8 {
    case varint = 0
    case lengthDelimited = 2
}
