import ProtocolRules

/// Makes so few of its items with another model that its score hardly rises.
public final class BelowDriftCheater: HostBehaviour {
    private let badPercent: UInt64
    private var numbers: SplitMix64

    public init(badPercent: UInt64, seed: UInt64) {
        self.badPercent = badPercent
        numbers = SplitMix64(seed: seed)
    }

    public func quality(of kind: RoundKind) -> ItemQuality {
        numbers.happens(badPercent) ? .otherModel : .honest
    }
}
