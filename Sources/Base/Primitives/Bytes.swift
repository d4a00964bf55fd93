/// Raw bytes: keys, identifiers, encodings. Never compared as Unicode, never interpreted before they are checked.
public typealias Bytes = [UInt8]

extension Array where Element == UInt8 {
    /// Appends `value` as eight big-endian bytes, the protocol's `BE64`.
    public mutating func appendBigEndian(_ value: UInt64) {
        Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
    }

    /// Appends `value` as four big-endian bytes, the protocol's `BE32`.
    public mutating func appendBigEndian(_ value: UInt32) {
        Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
    }

    /// Appends `value` as eight little-endian bytes, the protocol's `LE64`.
    public mutating func appendLittleEndian(_ value: UInt64) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }

    /// Appends `value` as four little-endian bytes, the protocol's `LE32`.
    public mutating func appendLittleEndian(_ value: UInt32) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }

    /// The eight bytes of `value`, most significant first.
    public static func bigEndian(_ value: UInt64) -> Bytes {
        var bytes = Bytes()
        bytes.reserveCapacity(8)
        bytes.appendBigEndian(value)
        return bytes
    }
}

extension UInt64 {
    /// Reads eight big-endian bytes, or nil where `bytes` is not exactly eight long.
    public init?(bigEndianBytes bytes: some Collection<UInt8>) {
        guard bytes.count == 8 else { return nil }
        self = bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }
}
