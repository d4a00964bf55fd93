import CSecp256k1
import Primitives

/// A secp256k1 public key, checked to be a point of the curve, with the compressed form of SEC 1 as its only byte form.
public struct PublicKey: Sendable {
    /// The length of the compressed form in bytes.
    public static let length = 33

    /// 0x02 or 0x03 ‖ x, 33 bytes.
    public let compressed: Bytes
    // Decompressing costs a square root, about a tenth of a verification.
    private let point: secp256k1_pubkey

    /// Reads the compressed form, or nil for another length, another form, or an x that is on no point.
    public init?(compressed: Bytes) {
        guard compressed.count == PublicKey.length else { return nil }
        var point = secp256k1_pubkey()
        guard secp256k1_ec_pubkey_parse(Secp256k1Context.pointer, &point, compressed, compressed.count) == 1 else {
            return nil
        }
        self.compressed = compressed
        self.point = point
    }

    init(_ point: secp256k1_pubkey) {
        self.point = point
        var point = point
        var compressed = Bytes(repeating: 0, count: PublicKey.length)
        var count = compressed.count
        _ = secp256k1_ec_pubkey_serialize(
            Secp256k1Context.pointer, &compressed, &count, &point, UInt32(SECP256K1_EC_COMPRESSED))
        self.compressed = compressed
    }

    /// RIPEMD-160(SHA-256(compressed)), the account that this key controls.
    public var address: Address { Address(key: self) }

    /// Whether this key signed `digest`.
    public func verify(_ signature: Signature, of digest: Hash32) -> Bool {
        var parsed = signature.parsed
        var point = point
        return secp256k1_ecdsa_verify(Secp256k1Context.pointer, &parsed, digest.bytes, &point) == 1
    }
}

extension PublicKey: Hashable {
    public static func == (left: PublicKey, right: PublicKey) -> Bool { left.compressed == right.compressed }

    public func hash(into hasher: inout Hasher) { hasher.combine(compressed) }
}

extension PublicKey {
    /// The keys for which `signature` is a valid signature of `digest`: two as a rule, none to four in all. Ordered by
    /// recovery id.
    public static func candidates(for signature: Signature, of digest: Hash32) -> [PublicKey] {
        (Int32(0)..<4).compactMap { recoveryID in
            var recoverable = secp256k1_ecdsa_recoverable_signature()
            var point = secp256k1_pubkey()
            let context = Secp256k1Context.pointer
            guard
                secp256k1_ecdsa_recoverable_signature_parse_compact(
                    context, &recoverable, signature.compact, recoveryID) == 1,
                secp256k1_ecdsa_recover(context, &point, &recoverable, digest.bytes) == 1
            else { return nil }
            return PublicKey(point)
        }
    }

    /// The key of `address` that signed `digest`, or nil where no key of that address did: how a request is verified
    /// that names an account but brings no key.
    public static func recover(from signature: Signature, of digest: Hash32, address: Address) -> PublicKey? {
        candidates(for: signature, of: digest).first { $0.address == address && $0.verify(signature, of: digest) }
    }
}
