import Cryptography
import Primitives

/// The hashes of ICS-23's `TendermintSpec` (cosmos/ics23, proofs.go): tags keep leaves and inner nodes apart, as in
/// RFC 6962.
enum NodeHash {
    /// The first byte that is hashed of a leaf and of an inner node.
    static var leafTag: UInt8 { 0 }
    static var innerTag: UInt8 { 1 }

    /// SHA-256 of nothing, as RFC 6962 section 2.1 has it.
    static let empty = Hash32.sha256([])

    /// SHA256(0x00 ‖ varint(length of key) ‖ key ‖ varint(32) ‖ SHA256(value)).
    static func leaf(key: Bytes, value: Bytes) -> Hash32 {
        let valueHash = Hash32.sha256(value)
        let capacity = 1 + varintBytesMax + key.count + 1 + Hash32.length
        return withUnsafeTemporaryAllocation(byteCount: capacity, alignment: 8) { buffer in
            buffer[0] = leafTag
            var end = writeVarint(key.count, to: buffer, at: 1)
            key.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: buffer[end...]).copyMemory(from: $0) }
            end += key.count
            buffer[end] = UInt8(Hash32.length)
            valueHash.write(to: UnsafeMutableRawBufferPointer(rebasing: buffer[(end + 1)...]))
            return Hash32.sha256(UnsafeRawBufferPointer(rebasing: buffer[..<(end + 1 + Hash32.length)]))
        }
    }

    /// SHA256(0x01 ‖ left ‖ right).
    static func inner(left: Hash32, right: Hash32) -> Hash32 { Hash32.sha256(tag: innerTag, left: left, right: right) }

    /// The most bytes a 64-bit number takes as a varint.
    private static let varintBytesMax = 10

    /// Writes `count` from `start` on, seven bits a byte, least significant first; returns where it ends.
    private static func writeVarint(_ count: Int, to buffer: UnsafeMutableRawBufferPointer, at start: Int) -> Int {
        var (rest, end) = (count, start)
        while rest >= 0x80 {
            buffer[end] = UInt8(truncatingIfNeeded: rest) | 0x80
            rest >>= 7
            end += 1
        }
        buffer[end] = UInt8(truncatingIfNeeded: rest)
        return end + 1
    }
}
