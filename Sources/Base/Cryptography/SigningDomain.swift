import Primitives

/// What an off-chain signature is for. The domain is hashed in front of the message, so that a signature given for one
/// purpose is worth nothing for another.
///
/// No domain begins another, and none begins like a sign document (0x0a) or a request signature (a hexadecimal digit).
public enum SigningDomain: String, CaseIterable, Sendable {
    /// A developer's promise to pay up to an amount out of a session.
    case voucher = "gonka/voucher/v1"
    /// An executor's statement of what it did and what is due for it.
    case receipt = "gonka/receipt/v1"
    /// A consensus key's consent to stand for a host.
    case consensusKey = "gonka/consensus-key/v1"
    /// An auditor's request for a sampled item.
    case auditFetch = "gonka/audit-fetch/v1"
    /// A witness's statement that an executor left a request unanswered.
    case miss = "gonka/miss/v1"

    /// SHA-256(domain ‖ message): what is signed for the canonical bytes of a statement.
    public func digest(_ message: Bytes) -> Hash32 {
        var hasher = SHA256Hasher()
        hasher.update(Bytes(rawValue.utf8))
        hasher.update(message)
        return hasher.finalize()
    }
}
