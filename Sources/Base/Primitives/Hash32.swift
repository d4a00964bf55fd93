/// 32 bytes that name something: a SHA-256 value, a root, an app hash. Ordered as bytes.
public struct Hash32: Hashable, Comparable, Sendable {
    /// The length in bytes.
    public static let length = 32
    /// 32 zero bytes.
    public static let zero = Hash32(0, 0, 0, 0)

    // Four words, most significant first, so that comparing words compares bytes and nothing is allocated.
    private let first: UInt64
    private let second: UInt64
    private let third: UInt64
    private let fourth: UInt64

    private init(_ first: UInt64, _ second: UInt64, _ third: UInt64, _ fourth: UInt64) {
        (self.first, self.second, self.third, self.fourth) = (first, second, third, fourth)
    }

    /// Reads 32 bytes, or nil for any other length.
    public init?(_ bytes: Bytes) {
        guard bytes.count == Hash32.length else { return nil }
        self = bytes.withUnsafeBytes { Hash32(unsafeBytes: $0) }
    }

    /// Reads the first 32 bytes of a buffer.
    ///
    /// - Precondition: `buffer.count >= 32`; callers own the buffer's size.
    public init(unsafeBytes buffer: UnsafeRawBufferPointer) {
        precondition(buffer.count >= Hash32.length)
        func word(_ index: Int) -> UInt64 {
            UInt64(bigEndian: buffer.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self))
        }
        self.init(word(0), word(1), word(2), word(3))
    }

    /// The 32 bytes.
    public var bytes: Bytes {
        Bytes(unsafeUninitializedCapacity: Hash32.length) { buffer, count in
            write(to: UnsafeMutableRawBufferPointer(buffer))
            count = Hash32.length
        }
    }

    /// Writes the 32 bytes to the start of `buffer`.
    ///
    /// - Precondition: `buffer.count >= 32`.
    public func write(to buffer: UnsafeMutableRawBufferPointer) {
        precondition(buffer.count >= Hash32.length)
        buffer.storeBytes(of: first.bigEndian, toByteOffset: 0, as: UInt64.self)
        buffer.storeBytes(of: second.bigEndian, toByteOffset: 8, as: UInt64.self)
        buffer.storeBytes(of: third.bigEndian, toByteOffset: 16, as: UInt64.self)
        buffer.storeBytes(of: fourth.bigEndian, toByteOffset: 24, as: UInt64.self)
    }

    /// The first eight bytes, big-endian: what a draw or a shuffle reads.
    public var firstWord: UInt64 { first }
    /// The first sixteen bytes, big-endian.
    public var firstTwoWords: UInt128 { UInt128(first) << 64 | UInt128(second) }

    public static func < (left: Hash32, right: Hash32) -> Bool {
        (left.first, left.second, left.third, left.fourth) < (right.first, right.second, right.third, right.fourth)
    }
}

extension Hash32: CustomStringConvertible {
    /// 64 lower-case hexadecimal digits.
    public var description: String { Hex.encode(bytes) }
}
