import Messages
import Primitives
import ProtocolRules

/// Works honestly and accuses all others: as auditor it finds a mismatch in every item, on panels it confirms what other liars found.
/// It runs the model, so that its numbers at a panel's fresh positions are true.
public final class LyingAuditor: HostBehaviour {
    private let liars: Set<Address>

    /// - Parameter liars: all who lie together; they spare each other.
    public init(_ liars: Set<Address>) { self.liars = liars }

    public func word(
        on item: SimulatedItem, of sample: SampleName, honest: AuditResult, stage: AuditStage
    ) -> AuditResult? {
        guard !liars.contains(sample.claimant) else { return honest }
        var lie = honest
        lie.marginMicroNats = 900_000
        return lie
    }
}
