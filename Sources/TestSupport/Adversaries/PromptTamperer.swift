import Messages
import ProtocolRules

/// Cuts prompts, adds advertisements or reuses old answers: what it hands out is not what its items say.
public final class PromptTamperer: HostBehaviour {
    private let difference: AuditDifference

    public init(_ difference: AuditDifference) { self.difference = difference }

    public func quality(of kind: RoundKind) -> ItemQuality {
        kind == .serving ? .tampered(difference) : .honest
    }
}
