import Crypto
import Primitives

/// PBKDF2 with HMAC-SHA-512 (RFC 8018, section 5.2), as BIP-39 turns words into a seed.
public enum PBKDF2 {
    /// The first block, 64 bytes, of the key derived from `password` and `salt`. Takes `rounds` HMACs.
    public static func sha512(password: Bytes, salt: Bytes, rounds: Int) -> Secret {
        let key = SymmetricKey(data: password)
        var code = HMAC<SHA512>.authenticationCode(for: salt + [0, 0, 0, 1], using: key)
        var block = Bytes(code)
        defer { for index in block.indices { block[index] = 0 } }
        for _ in stride(from: 1, to: rounds, by: 1) {
            code = code.withUnsafeBytes { HMAC<SHA512>.authenticationCode(for: $0, using: key) }
            code.withUnsafeBytes { bytes in
                for index in block.indices { block[index] ^= bytes[index] }
            }
        }
        return Secret(block)
    }
}
