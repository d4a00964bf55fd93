import Primitives

/// Reads canonical protobuf and refuses anything else: fields out of order, doubled, unknown, default, or written longer
/// than needed. So one value has one encoding, and a hash of bytes is a hash of meaning.
///
/// A message reads itself in one loop:
///
///     while let field = try decoder.nextField() {
///         switch field {
///         case 1: amount = try decoder.unsigned()
///         case 2: names.append(try decoder.text(repeated: true))
///         default: throw decoder.unknownField()
///         }
///     }
public struct ProtobufDecoder: Sendable {
    private let bytes: Bytes
    private var position: Int
    private let end: Int
    private var field: UInt32 = 0
    private var previousField: UInt32 = 0
    private var wireType = WireType.varint

    public init(_ bytes: Bytes) { self.init(bytes, 0..<bytes.count) }

    private init(_ bytes: Bytes, _ range: Range<Int>) {
        self.bytes = bytes
        position = range.lowerBound
        end = range.upperBound
    }

    /// The number of the next field, or nil at the end. Its value must be read before the next call.
    public mutating func nextField() throws(WireError) -> UInt32? {
        guard position < end else { return nil }
        let tag = try varint()
        guard let number = UInt32(exactly: tag >> 3), number > 0 else { throw .invalidValue(number: 0) }
        guard let type = WireType(rawValue: UInt8(tag & 7)) else { throw .wrongWireType(number: number) }
        if number < field { throw .fieldOutOfOrder(number: number) }
        previousField = field
        field = number
        wireType = type
        return number
    }

    /// The error for a field that the message does not have.
    public func unknownField() -> WireError { .unknownField(number: field) }

    /// The error for a value outside the current field's range.
    public func invalidValue() -> WireError { .invalidValue(number: field) }

    /// A singular unsigned integer, never 0 in canonical bytes.
    public mutating func unsigned() throws(WireError) -> UInt64 {
        try expect(.varint, repeated: false)
        let value = try varint()
        if value == 0 { throw .defaultValueWritten(number: field) }
        return value
    }

    /// A singular unsigned integer of at most 32 bits.
    public mutating func unsigned32() throws(WireError) -> UInt32 {
        guard let value = UInt32(exactly: try unsigned()) else { throw invalidValue() }
        return value
    }

    /// A singular `int64`.
    public mutating func signed() throws(WireError) -> Int64 { Int64(bitPattern: try unsigned()) }

    /// A singular boolean, always true in canonical bytes.
    public mutating func boolean() throws(WireError) -> Bool {
        guard try unsigned() == 1 else { throw invalidValue() }
        return true
    }

    /// Bytes; a singular field is never empty in canonical bytes.
    public mutating func data(repeated: Bool = false) throws(WireError) -> Bytes {
        let range = try lengthDelimited(repeated: repeated)
        if range.isEmpty && !repeated { throw .defaultValueWritten(number: field) }
        return Bytes(bytes[range])
    }

    /// UTF-8 text; a singular field is never empty in canonical bytes.
    public mutating func text(repeated: Bool = false) throws(WireError) -> String {
        guard let text = String(validating: try data(repeated: repeated), as: UTF8.self) else { throw invalidValue() }
        return text
    }

    /// Text that names something (a type, a model, a chain, a denomination): visible ASCII, so that two names are equal as
    /// `String`s only where their bytes are. Elsewhere in Unicode they need not be: "K" equals the Kelvin sign.
    public mutating func identifier(repeated: Bool = false) throws(WireError) -> String {
        let bytes = try data(repeated: repeated)
        guard bytes.allSatisfy({ (0x21...0x7e).contains($0) }) else { throw invalidValue() }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Exactly 32 bytes.
    public mutating func hash() throws(WireError) -> Hash32 {
        let range = try lengthDelimited(repeated: false)
        guard let hash = Hash32(Bytes(bytes[range])) else { throw invalidValue() }
        return hash
    }

    /// Exactly 20 bytes.
    public mutating func address(repeated: Bool = false) throws(WireError) -> Address {
        let range = try lengthDelimited(repeated: repeated)
        guard let address = Address(bytes[range]) else { throw invalidValue() }
        return address
    }

    /// A message.
    public mutating func message<Message: CanonicalMessage>(
        _ type: Message.Type, repeated: Bool = false
    ) throws(WireError) -> Message {
        var inner = ProtobufDecoder(bytes, try lengthDelimited(repeated: repeated))
        return try Message(from: &inner)
    }

    /// Packed unsigned integers, at least one.
    public mutating func packed() throws(WireError) -> [UInt64] {
        let range = try lengthDelimited(repeated: false)
        if range.isEmpty { throw .defaultValueWritten(number: field) }
        var inner = ProtobufDecoder(bytes, range)
        var values: [UInt64] = []
        // As many as there are last bytes of numbers.
        values.reserveCapacity(bytes[range].reduce(0) { $1 < 0x80 ? $0 + 1 : $0 })
        while inner.position < inner.end { values.append(try inner.varint()) }
        return values
    }

    private mutating func lengthDelimited(repeated: Bool) throws(WireError) -> Range<Int> {
        try expect(.lengthDelimited, repeated: repeated)
        let length = try varint()
        guard length <= UInt64(end - position) else { throw .truncated }
        let range = position..<(position + Int(length))
        position = range.upperBound
        return range
    }

    private func expect(_ type: WireType, repeated: Bool) throws(WireError) {
        if wireType != type { throw .wrongWireType(number: field) }
        if field == previousField && !repeated { throw .fieldOutOfOrder(number: field) }
    }

    private mutating func varint() throws(WireError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            guard position < end else { throw .truncated }
            let byte = bytes[position]
            position += 1
            if shift == 63 && byte > 1 { throw .nonMinimalVarint }
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 {
                if byte == 0 && shift > 0 { throw .nonMinimalVarint }
                return value
            }
            shift += 7
        }
    }
}
