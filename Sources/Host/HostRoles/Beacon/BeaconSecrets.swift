import Cryptography
import Primitives

/// The secrets that a host gives to the beacon, one for each interval: computed from the operator key, so that nothing has to
/// be kept, a restart changes nothing, and a host that lost its disk still reveals what it committed to.
///
/// SHA256(base ‖ BE64 interval), base = SHA256(`gonka/beacon-secret/v1` ‖ operator key ‖ chain id). A secret that is revealed
/// tells nothing about another one. Whoever has the operator key can compute them all, and could act for the host anyway.
struct BeaconSecrets: Sendable {
    private let base: Secret

    init(_ identity: HostIdentity) {
        var bytes = Bytes("gonka/beacon-secret/v1".utf8) + identity.operatorKey.secret.copiedBytes()
        bytes += Bytes(identity.chainID.utf8)
        base = Secret(Hash32.sha256(bytes).bytes)
        for index in bytes.indices { bytes[index] = 0 }
    }

    /// The secret whose hash is given in `interval`, 32 bytes; it is revealed the next time that the host speaks.
    func secret(of interval: UInt64) -> Bytes {
        Hash32.sha256(base.copiedBytes() + .bigEndian(interval)).bytes
    }

    /// SHA256 of it.
    func commitment(of interval: UInt64) -> Hash32 { .sha256(secret(of: interval)) }

    /// The secret behind a commitment that was given in some interval up to `newest`, or nil where it is none of this key's.
    ///
    /// - Parameters:
    ///   - hint: the interval that is most likely.
    ///   - searched: how many intervals are looked at, newest first; two hashes each.
    func secret(behind commitment: Hash32, hint: UInt64, newest: UInt64, searched: UInt64) -> Bytes? {
        if self.commitment(of: hint) == commitment { return secret(of: hint) }
        let oldest = newest > searched ? newest - searched : 0
        var interval = newest
        while true {
            if self.commitment(of: interval) == commitment { return secret(of: interval) }
            guard interval > oldest else { return nil }
            interval -= 1
        }
    }
}
