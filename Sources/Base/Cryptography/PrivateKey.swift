import CSecp256k1
import Primitives

/// A secp256k1 private key: a number in [1, n), as 32 big-endian bytes. It signs for an account.
public struct PrivateKey: Sendable, Redacted {
    /// The length in bytes.
    public static let length = 32

    /// The 32 bytes, for a key store.
    public let secret: Secret

    /// The public key that belongs to it.
    public let publicKey: PublicKey

    /// Reads 32 bytes, or nil for any other length, for 0 and for numbers not below the order of the curve.
    public init?(_ secret: Secret) {
        guard secret.count == PrivateKey.length else { return nil }
        var key = secp256k1_pubkey()
        let isValid = secret.withPointer { secp256k1_ec_pubkey_create(Secp256k1Context.pointer, &key, $0) }
        guard isValid == 1 else { return nil }
        self.secret = secret
        publicKey = PublicKey(key)
    }

    /// A new key from the system's cryptographic randomness.
    public static func random() -> PrivateKey {
        // One draw in 2¹²⁸ is no key.
        while true {
            if let key = PrivateKey(Secret.random(count: length)) { return key }
        }
    }

    /// Signs a digest with the nonce of RFC 6979 (HMAC-SHA-256) and a low s: the same key and digest give the same bytes.
    public func sign(_ digest: Hash32) -> Signature {
        var signature = secp256k1_ecdsa_signature()
        let signed = secret.withPointer {
            secp256k1_ecdsa_sign(Secp256k1Context.pointer, &signature, digest.bytes, $0, nil, nil)
        }
        precondition(signed == 1, "libsecp256k1 signs with every key that it took")
        return Signature(signature)
    }

    /// `self + tweak` mod n, or nil where `tweak` is not below n or the sum is 0 (BIP-32).
    func adding(_ tweak: Secret) -> PrivateKey? {
        var sum = secret.copiedBytes()
        defer { for index in sum.indices { sum[index] = 0 } }
        let isValid = tweak.withPointer { secp256k1_ec_seckey_tweak_add(Secp256k1Context.pointer, &sum, $0) }
        return isValid == 1 ? PrivateKey(Secret(sum)) : nil
    }
}
