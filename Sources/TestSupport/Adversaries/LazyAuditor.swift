import Messages
import Primitives
import ProtocolRules

/// Does its own work honestly and none of its audits.
public final class LazyAuditor: HostBehaviour {
    /// How it tries to have its duty counted.
    public enum Trick: Sendable {
        /// It says that all is fine, with numbers that it guesses.
        case guesses
        /// It commits to something and never opens it.
        case neverOpens
        /// It says that the claimant handed out nothing.
        case blamesClaimant
        /// It says that it cannot check.
        case excusesItself
    }

    private let trick: Trick

    public init(_ trick: Trick) { self.trick = trick }

    public func word(
        on item: SimulatedItem, of sample: SampleName, honest: AuditResult, stage: AuditStage
    ) -> AuditResult? {
        var guess = honest
        guess.marginMicroNats = 0
        // The best blind guess: the same likely value everywhere.
        guess.fingerprint = Bytes(repeating: 0, count: honest.fingerprint.count)
        guess.freshFingerprint = Bytes(repeating: 0, count: honest.freshFingerprint.count)
        switch trick {
        case .guesses, .neverOpens: break
        case .blamesClaimant: guess.outcome = .unavailable
        case .excusesItself: guess.outcome = .cannotCheck
        }
        return guess
    }

    public func lastLook(at message: any LedgerMessage, beside others: [any LedgerMessage]) -> (any LedgerMessage)? {
        trick == .neverOpens && message is MsgOpenAudit ? nil : message
    }
}
