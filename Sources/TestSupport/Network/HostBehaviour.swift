import Messages
import Primitives
import ProtocolRules

/// What a simulated host does where it has a choice. Whoever overrides nothing is honest and always there.
///
/// Adversaries are classes of their own, one a file; none of them sets a verdict: they act, and the ledger judges.
public protocol HostBehaviour: AnyObject {
    /// How the host makes its next item.
    func quality(of kind: RoundKind) -> ItemQuality
    /// Whether it hands a sampled item to an auditor or a panel's member.
    func handsOut(_ sample: SampleName, to auditor: Address) -> Bool
    /// Whether it opens its sampled items.
    func opensItems(of round: UInt64) -> Bool
    /// What it says of an item as auditor or member of a panel; nil for silence.
    func word(on item: SimulatedItem, of sample: SampleName, honest: AuditResult, stage: AuditStage) -> AuditResult?
    /// Whether it commits to its audits, and opens them.
    func isPresent(at height: UInt64) -> Bool
    /// Whether it gives its secret to the beacon.
    func reveals(in interval: UInt64) -> Bool
    /// Items that it makes in a block of synthetic work.
    func itemsPerBlock(of kind: RoundKind) -> UInt64
    /// A last look at its claim before it is sent.
    func claim(_ entries: [ClaimEntry], of round: RoundRecord) -> [ClaimEntry]
}

extension HostBehaviour {
    public func quality(of kind: RoundKind) -> ItemQuality { .honest }
    public func handsOut(_ sample: SampleName, to auditor: Address) -> Bool { true }
    public func opensItems(of round: UInt64) -> Bool { true }
    public func word(
        on item: SimulatedItem, of sample: SampleName, honest: AuditResult, stage: AuditStage
    ) -> AuditResult? { honest }
    public func isPresent(at height: UInt64) -> Bool { true }
    public func reveals(in interval: UInt64) -> Bool { true }
    public func itemsPerBlock(of kind: RoundKind) -> UInt64 { 5 }
    public func claim(_ entries: [ClaimEntry], of round: RoundRecord) -> [ClaimEntry] { entries }
}

/// A host that does what the protocol asks.
public final class HonestHost: HostBehaviour {
    public init() {}
}
