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

    /// The secret behind a commitment that stands since `interval`, or nil where it is none of this key's.
    func secret(behind commitment: Hash32, givenIn interval: UInt64) -> Bytes? {
        self.commitment(of: interval) == commitment ? secret(of: interval) : nil
    }
}
