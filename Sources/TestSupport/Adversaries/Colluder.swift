import Messages
import Primitives
import ProtocolRules

/// One of a ring: it makes items with another model, and as auditor and member of panels finds the ring's items good. Towards
/// everybody else it is an honest auditor.
public final class Colluder: HostBehaviour {
    /// How a claimant of the ring deals with those who are not of it.
    public enum Manner: Sendable {
        /// It hands everything out, and whispers its hidden fingerprints to the ring.
        case whispers
        /// It also hands its items to nobody outside the ring, as if it could not be reached.
        case hides
    }

    private let ring: Set<Address>
    private let badPercent: UInt64
    private let manner: Manner
    private var numbers: SplitMix64

    /// - Parameters:
    ///   - ring: all that collude.
    ///   - badPercent: of its own items come from another model; 0 for one that only covers for the others.
    public init(_ ring: Set<Address>, badPercent: UInt64 = 100, manner: Manner = .whispers, seed: UInt64 = 1) {
        self.ring = ring
        self.badPercent = badPercent
        self.manner = manner
        numbers = SplitMix64(seed: seed)
    }

    public func quality(of kind: RoundKind) -> ItemQuality {
        numbers.happens(badPercent) ? .otherModel : .honest
    }

    public func handsOut(_ sample: SampleName, to auditor: Address, stage: AuditStage) -> Bool {
        manner == .whispers || ring.contains(auditor)
    }

    public func word(
        on item: SimulatedItem, of sample: SampleName, honest: AuditResult, stage: AuditStage
    ) -> AuditResult? {
        guard ring.contains(sample.claimant) else { return honest }
        var whispered = honest
        whispered.marginMicroNats = 0
        whispered.fingerprint = item.fingerprint.bytes
        return whispered
    }
}
