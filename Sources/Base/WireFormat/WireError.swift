/// Why bytes are not the canonical encoding of the message they should be.
public enum WireError: Error, Equatable, Sendable {
    /// The bytes end inside a field.
    case truncated
    /// A varint is longer than its value needs, or than ten bytes.
    case nonMinimalVarint
    /// A field comes after one with a higher number, or a singular field comes twice.
    case fieldOutOfOrder(number: UInt32)
    /// The message has no field of this number.
    case unknownField(number: UInt32)
    /// The field is there, but not as this kind of value.
    case wrongWireType(number: UInt32)
    /// A singular field holds its default; canonical bytes leave it out.
    case defaultValueWritten(number: UInt32)
    /// The field's value is outside its range: a text that is not UTF-8, an address that is not 20 bytes, a count over its limit.
    case invalidValue(number: UInt32)
    /// A field that must be there is missing.
    case missingField(number: UInt32)
}
