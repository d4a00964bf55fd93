import CSecp256k1
import Primitives

/// An ECDSA signature over secp256k1 in the one form that this network takes: r ‖ s, 64 bytes, low s.
///
/// The twin (r, n − s) of a valid signature is valid for plain ECDSA. Refusing it gives a signed message one signature, so
/// that nobody on its way can change the bytes.
public struct Signature: Hashable, Sendable {
    /// The length in bytes.
    public static let length = 64

    /// r ‖ s, each 32 bytes, big-endian.
    public let compact: Bytes

    /// Reads 64 bytes, or nil for any other length, r or s outside [1, n), or s > n ÷ 2.
    public init?(compact: Bytes) {
        guard compact.count == Signature.length else { return nil }
        guard compact[..<32].contains(where: { $0 != 0 }), compact[32...].contains(where: { $0 != 0 }) else {
            return nil
        }
        var parsed = secp256k1_ecdsa_signature()
        guard secp256k1_ecdsa_signature_parse_compact(Secp256k1Context.pointer, &parsed, compact) == 1 else {
            return nil
        }
        var lowS = secp256k1_ecdsa_signature()
        guard secp256k1_ecdsa_signature_normalize(Secp256k1Context.pointer, &lowS, &parsed) == 0 else { return nil }
        self.compact = compact
    }

    /// A signature that libsecp256k1 made, whose s is low.
    init(_ signature: secp256k1_ecdsa_signature) {
        var signature = signature
        var compact = Bytes(repeating: 0, count: Signature.length)
        _ = secp256k1_ecdsa_signature_serialize_compact(Secp256k1Context.pointer, &compact, &signature)
        self.compact = compact
    }

    var parsed: secp256k1_ecdsa_signature {
        var parsed = secp256k1_ecdsa_signature()
        _ = secp256k1_ecdsa_signature_parse_compact(Secp256k1Context.pointer, &parsed, compact)
        return parsed
    }
}
