import Messages
import Primitives
import ProtocolRules

/// One of a few identities without proven work that list a model which nobody else serves: they claim huge sprints for it, make none
/// of the items, and find each other's good.
public final class EmptyModelCapture: HostBehaviour {
    private let ring: Set<Address>

    public init(_ ring: Set<Address>) { self.ring = ring }

    public func quality(of kind: RoundKind) -> ItemQuality { .otherModel }
    public func itemsPerBlock(of kind: RoundKind) -> UInt64 { 200 }

    public func word(
        on item: SimulatedItem, of sample: SampleName, honest: AuditResult, stage: AuditStage
    ) -> AuditResult? {
        guard ring.contains(sample.claimant) else { return nil }
        var whispered = honest
        whispered.marginMicroNats = 0
        whispered.fingerprint = item.fingerprint.bytes
        return whispered
    }
}
