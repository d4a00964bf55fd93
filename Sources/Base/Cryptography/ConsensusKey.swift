import Crypto
import Primitives

/// An ed25519 private key (RFC 8032) with which a consensus validator signs blocks: the 32-byte seed.
public struct ConsensusPrivateKey: Sendable, Redacted {
    /// The length of the seed in bytes.
    public static let length = 32

    public let publicKey: ConsensusPublicKey
    private let signer: Curve25519.Signing.PrivateKey

    /// Reads a seed of 32 bytes, or nil for any other length.
    public init?(_ secret: Secret) {
        do {
            self.init(try secret.withUnsafeBytes { try Curve25519.Signing.PrivateKey(rawRepresentation: $0) })
        } catch {
            return nil
        }
    }

    private init(_ signer: Curve25519.Signing.PrivateKey) {
        self.signer = signer
        publicKey = ConsensusPublicKey(signer.publicKey)
    }

    /// A new key from the system's cryptographic randomness.
    public static func random() -> ConsensusPrivateKey { ConsensusPrivateKey(Curve25519.Signing.PrivateKey()) }

    /// The 32-byte seed, for a key file.
    public var secret: Secret { Secret(Bytes(signer.rawRepresentation)) }

    /// The 64-byte signature of `message`.
    public func sign(_ message: Bytes) -> Bytes {
        do {
            return Bytes(try signer.signature(for: message))
        } catch {
            preconditionFailure("ed25519 signs every message")
        }
    }
}

/// An ed25519 public key: 32 bytes.
public struct ConsensusPublicKey: Hashable, Sendable {
    /// The length in bytes.
    public static let length = 32
    /// The length of a signature in bytes.
    public static let signatureLength = 64

    /// The encoded point.
    public let bytes: Bytes

    /// Reads 32 bytes, or nil for any other length. Bytes that encode no point verify nothing.
    public init?(_ bytes: Bytes) {
        guard bytes.count == ConsensusPublicKey.length else { return nil }
        self.bytes = bytes
    }

    fileprivate init(_ key: Curve25519.Signing.PublicKey) { bytes = Bytes(key.rawRepresentation) }

    /// The consensus address: the first 20 bytes of SHA-256 of the key.
    public var address: Address { Address(first20BytesOf: Hash32.sha256(bytes).bytes) }

    /// Whether this key signed `message`. By RFC 8032 without the cofactor, S < L: strictly fewer signatures than
    /// CometBFT's ZIP-215 rules let pass.
    public func verify(_ signature: Bytes, of message: Bytes) -> Bool {
        guard signature.count == ConsensusPublicKey.signatureLength else { return false }
        do {
            return try Curve25519.Signing.PublicKey(rawRepresentation: bytes).isValidSignature(signature, for: message)
        } catch {
            return false
        }
    }
}
