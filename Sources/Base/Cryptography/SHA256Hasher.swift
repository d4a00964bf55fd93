import CLibcrypto
import Primitives

/// SHA-256 (FIPS 180-4) of bytes that arrive in pieces, without allocating: the tree and every statement hash with it.
///
/// A value: a copy goes on from the same place on its own. The hash is OpenSSL's, by the context that lives on the caller's
/// stack: swift-crypto's hasher allocates an object a hash, and so does OpenSSL's newer interface (docs/adr/0010-sha256.md).
/// None of its calls can fail: they return 0 only for a hash of another length than SHA-256's.
public struct SHA256Hasher: Sendable {
    private var context = SHA256_CTX()

    public init() { SHA256_Init(&context) }

    /// Takes the bytes of a buffer.
    public mutating func update(_ buffer: UnsafeRawBufferPointer) {
        SHA256_Update(&context, buffer.baseAddress, buffer.count)
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
            SHA256_Final(buffer.baseAddress?.assumingMemoryBound(to: UInt8.self), &last)
            return Hash32(unsafeBytes: UnsafeRawBufferPointer(buffer))
        }
    }
}
