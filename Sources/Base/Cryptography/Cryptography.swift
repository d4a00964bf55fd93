import Crypto
import Primitives

extension Hash32 {
    /// SHA-256 of `bytes`.
    public static func sha256(_ bytes: Bytes) -> Hash32 {
        var hasher = Crypto.SHA256()
        bytes.withUnsafeBytes { hasher.update(bufferPointer: $0) }
        return hasher.finalize().withUnsafeBytes { Hash32(unsafeBytes: $0) }
    }
}
