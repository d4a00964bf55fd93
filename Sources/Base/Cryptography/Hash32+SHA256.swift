import Primitives

extension Hash32 {
    /// SHA-256 of `bytes`.
    public static func sha256(_ bytes: Bytes) -> Hash32 { bytes.withUnsafeBytes { sha256($0) } }

    /// SHA-256 of the elements of `slice`.
    public static func sha256(_ slice: ArraySlice<UInt8>) -> Hash32 { slice.withUnsafeBytes { sha256($0) } }

    /// SHA-256 of the UTF-8 of `text`.
    public static func sha256(utf8 text: String) -> Hash32 { sha256(Bytes(text.utf8)) }

    /// SHA-256 of a buffer.
    public static func sha256(_ buffer: UnsafeRawBufferPointer) -> Hash32 {
        var hasher = SHA256Hasher()
        hasher.update(buffer)
        return hasher.finalize()
    }

    /// SHA-256(tag ‖ left ‖ right): the inner node of a binary Merkle tree (RFC 6962, section 2.1). Allocates nothing.
    public static func sha256(tag: UInt8, left: Hash32, right: Hash32) -> Hash32 {
        withUnsafeTemporaryAllocation(byteCount: 1 + 2 * Hash32.length, alignment: 8) { buffer in
            buffer[0] = tag
            left.write(to: UnsafeMutableRawBufferPointer(rebasing: buffer[1...]))
            right.write(to: UnsafeMutableRawBufferPointer(rebasing: buffer[(1 + Hash32.length)...]))
            return sha256(UnsafeRawBufferPointer(buffer))
        }
    }
}
