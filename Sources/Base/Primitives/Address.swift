/// The 20 bytes that name an account: RIPEMD160(SHA256(compressed public key)). Its text form is bech32, prefix `gonka`
/// (`Cryptography` writes and reads that).
public struct Address: Hashable, Comparable, Sendable {
    /// The length in bytes.
    public static let length = 20

    // Most significant first: the order of the words is the order of the bytes.
    private let high: UInt64
    private let middle: UInt64
    private let low: UInt32

    /// Reads 20 bytes, or nil for any other length.
    public init?(_ bytes: Bytes) { self.init(bytes[...]) }

    /// The same of a part of other bytes.
    public init?(_ bytes: ArraySlice<UInt8>) {
        guard bytes.count == Address.length else { return nil }
        self.init(slice: bytes)
    }

    private init(slice: ArraySlice<UInt8>) {
        high = slice.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        middle = slice.dropFirst(8).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        low = slice.dropFirst(16).prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// The 20 bytes.
    public var bytes: Bytes { bytes(behind: []) }

    /// `prefix` ‖ the 20 bytes, in one allocation: a key of the state.
    public func bytes(behind prefix: Bytes) -> Bytes {
        let start = prefix.count
        return Bytes(unsafeUninitializedCapacity: start + Address.length) { buffer, count in
            let bytes = UnsafeMutableRawBufferPointer(buffer)
            bytes.copyBytes(from: prefix)
            bytes.storeBytes(of: high.bigEndian, toByteOffset: start, as: UInt64.self)
            bytes.storeBytes(of: middle.bigEndian, toByteOffset: start + 8, as: UInt64.self)
            bytes.storeBytes(of: low.bigEndian, toByteOffset: start + 16, as: UInt32.self)
            count = start + Address.length
        }
    }

    public static func < (left: Address, right: Address) -> Bool {
        (left.high, left.middle, left.low) < (right.high, right.middle, right.low)
    }
}
