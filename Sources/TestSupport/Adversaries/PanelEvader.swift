import Messages
import Primitives
import ProtocolRules

/// Makes a part of its items with another model. Auditors get all they ask for; a panel gets nothing, so that no mismatch is ever
/// confirmed.
public final class PanelEvader: HostBehaviour {
    private let badPercent: UInt64
    private var numbers: SplitMix64

    public init(badPercent: UInt64, seed: UInt64) {
        self.badPercent = badPercent
        numbers = SplitMix64(seed: seed)
    }

    public func quality(of kind: RoundKind) -> ItemQuality {
        numbers.happens(badPercent) ? .otherModel : .honest
    }

    public func handsOut(_ sample: SampleName, to auditor: Address, stage: AuditStage) -> Bool { stage == .audit }
}
