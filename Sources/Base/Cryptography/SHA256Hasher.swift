import CSHA256
import Primitives

/// SHA-256 (FIPS 180-4) of bytes that arrive in pieces, without allocating: the tree and every statement hash with it.
///
/// A value: a copy goes on from the same place on its own. On x86-64 it uses the processor's SHA instructions, elsewhere
/// plain C; the result is the same. swift-crypto's hasher allocates an object a hash, which takes three times as long as
/// hashing a tree node does.
public struct SHA256Hasher: Sendable {
    private var context = csha256_context()

    public init() { csha256_start(&context) }

    /// Takes the bytes of a buffer.
    public mutating func update(_ buffer: UnsafeRawBufferPointer) {
        csha256_update(&context, buffer.baseAddress?.assumingMemoryBound(to: UInt8.self), buffer.count)
    }

    public mutating func update(_ bytes: Bytes) { bytes.withUnsafeBytes { update($0) } }

    public mutating func update(_ bytes: ArraySlice<UInt8>) { bytes.withUnsafeBytes { update($0) } }

    public mutating func update(_ byte: UInt8) { withUnsafeBytes(of: byte) { update($0) } }

    /// Takes 32 bytes.
    public mutating func update(_ hash: Hash32) {
        withUnsafeTemporaryAllocation(byteCount: Hash32.length, alignment: 8) { buffer in
            hash.write(to: buffer)
            update(UnsafeRawBufferPointer(buffer))
        }
    }

    /// Takes `value` as eight big-endian bytes, the protocol's `BE64`.
    public mutating func update(bigEndian value: UInt64) { withUnsafeBytes(of: value.bigEndian) { update($0) } }

    /// The hash of everything taken so far. The hasher itself may go on.
    public func finalize() -> Hash32 {
        var last = context
        return withUnsafeTemporaryAllocation(byteCount: Hash32.length, alignment: 8) { buffer in
            csha256_finish(&last, buffer.baseAddress?.assumingMemoryBound(to: UInt8.self))
            return Hash32(unsafeBytes: UnsafeRawBufferPointer(buffer))
        }
    }
}
