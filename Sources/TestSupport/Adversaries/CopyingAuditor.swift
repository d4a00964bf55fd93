import Messages
import Primitives
import ProtocolRules

/// Scores nothing: it commits to the digests that others commit to, and then opens what they open.
public final class CopyingAuditor: HostBehaviour {
    public init() {}

    public func lastLook(at message: any LedgerMessage, beside others: [any LedgerMessage]) -> (any LedgerMessage)? {
        switch message {
        case let message as MsgCommitAudit: copy(message, from: others)
        case let message as MsgOpenAudit: copy(message, from: others)
        default: message
        }
    }

    /// The digest of the same sample where somebody else gave one, else any.
    private func copy(_ message: MsgCommitAudit, from others: [any LedgerMessage]) -> MsgCommitAudit {
        let seen = others.compactMap { $0 as? MsgCommitAudit }.filter { $0.host != message.host }
            .flatMap(\.commitments).filter { $0.digest != nil }
        var copy = message
        for index in copy.commitments.indices where copy.commitments[index].digest != nil {
            let own = copy.commitments[index]
            let same = seen.first {
                $0.claimant == own.claimant && $0.entry == own.entry && $0.number == own.number
            }
            copy.commitments[index].digest = (same ?? seen.first)?.digest ?? .zero
        }
        return copy
    }

    private func copy(_ message: MsgOpenAudit, from others: [any LedgerMessage]) -> MsgOpenAudit {
        let seen = others.compactMap { $0 as? MsgOpenAudit }.filter { $0.host != message.host }.flatMap(\.openings)
        var copy = message
        for index in copy.openings.indices {
            let own = copy.openings[index]
            let same = seen.first {
                $0.claimant == own.claimant && $0.entry == own.entry && $0.number == own.number
            }
            guard let other = same ?? seen.first else { continue }
            copy.openings[index].salt = other.salt
            copy.openings[index].result = other.result
        }
        return copy
    }
}
