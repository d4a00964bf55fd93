import Cryptography
import Messages
import Primitives
import ProtocolRules

/// What a simulated host does where it has a choice. Whoever overrides nothing is honest and always there.
///
/// Adversaries are classes of their own, one a file; none of them sets a verdict: they act, and the ledger judges.
public protocol HostBehaviour: AnyObject {
    /// How the host makes its next item.
    func quality(of kind: RoundKind) -> ItemQuality
    /// Whether it hands a sampled item to an auditor, or to a panel's member.
    func handsOut(_ sample: SampleName, to auditor: Address, stage: AuditStage) -> Bool
    /// Whether it opens its sampled items.
    func opensItems(of round: UInt64) -> Bool
    /// What it says of an item as auditor or member of a panel; nil for silence.
    func word(on item: SimulatedItem, of sample: SampleName, honest: AuditResult, stage: AuditStage) -> AuditResult?
    /// Whether it commits to its audits, and opens them.
    func isPresent(at height: UInt64) -> Bool
    /// Whether it gives its secret to the beacon.
    func reveals(_ choice: BeaconChoice) -> Bool
    /// Items that it makes in a block of synthetic work.
    func itemsPerBlock(of kind: RoundKind) -> UInt64
    /// Its item with this number of a round's synthetic work.
    func item(_ index: UInt64, of round: RoundRecord, from source: SyntheticSource, model: String) -> SimulatedItem
    /// For which host and from which seed it does the synthetic work of a round.
    func source(of work: SyntheticSource) -> SyntheticSource
    /// Requests of a payer that it claims in a serving round; nil for as many as every host.
    func requests(of payer: Address) -> UInt64?
    /// A last look at its claim before it is sent.
    func claim(_ entries: [ClaimEntry], of round: RoundRecord) -> [ClaimEntry]
    /// A last look at a duty message before it is sent, beside what all others send for the same block; nil sends nothing.
    func lastLook(at message: any LedgerMessage, beside others: [any LedgerMessage]) -> (any LedgerMessage)?
    /// Messages that its account sends in the next block, for a fee.
    func errands(in ledger: TestLedger) throws -> [any LedgerMessage]
}

extension HostBehaviour {
    public func quality(of kind: RoundKind) -> ItemQuality { .honest }
    public func handsOut(_ sample: SampleName, to auditor: Address, stage: AuditStage) -> Bool { true }
    public func opensItems(of round: UInt64) -> Bool { true }
    public func word(
        on item: SimulatedItem, of sample: SampleName, honest: AuditResult, stage: AuditStage
    ) -> AuditResult? { honest }
    public func isPresent(at height: UInt64) -> Bool { true }
    public func reveals(_ choice: BeaconChoice) -> Bool { true }
    public func itemsPerBlock(of kind: RoundKind) -> UInt64 { 5 }
    public func item(
        _ index: UInt64, of round: RoundRecord, from source: SyntheticSource, model: String
    ) -> SimulatedItem {
        .synthetic(index, of: round, from: source, model: model, quality: quality(of: round.timetable.kind))
    }
    public func source(of work: SyntheticSource) -> SyntheticSource { work }
    public func requests(of payer: Address) -> UInt64? { nil }
    public func claim(_ entries: [ClaimEntry], of round: RoundRecord) -> [ClaimEntry] { entries }
    public func lastLook(at message: any LedgerMessage, beside others: [any LedgerMessage]) -> (any LedgerMessage)? {
        message
    }
    public func errands(in ledger: TestLedger) throws -> [any LedgerMessage] { [] }
}

/// A host that does what the protocol asks.
public final class HonestHost: HostBehaviour {
    public init() {}
}

/// What the items of a sprint or confirmation follow from.
public struct SyntheticSource: Hashable, Sendable {
    public var host: Address
    public var workSeed: Hash32

    public init(host: Address, workSeed: Hash32) {
        self.host = host
        self.workSeed = workSeed
    }
}

/// What a validator can see before it speaks last in a beacon interval: the seed if it gives its secret, and the seed if it keeps
/// it, all others having given theirs.
public struct BeaconChoice: Hashable, Sendable {
    /// The interval's last block, in which it has to speak.
    public let height: UInt64
    public let given: Hash32
    public let kept: Hash32
}
