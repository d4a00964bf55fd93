import Cryptography
import Primitives

/// What a work item says instead of its tokens.
public enum TokenDigest {
    /// SHA256 of the ids, LE32 each; of nothing, SHA256 of the empty string.
    public static func digest(of tokens: some Collection<TokenID>) -> Hash32 {
        var bytes = Bytes()
        bytes.reserveCapacity(4 * tokens.count)
        for token in tokens { bytes.appendLittleEndian(token) }
        return .sha256(bytes)
    }
}
