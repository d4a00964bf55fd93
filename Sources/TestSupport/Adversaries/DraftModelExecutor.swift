import ProtocolRules

/// Writes with a small or quantised model and scores what it wrote with the model of record, so that the fingerprint fits: only
/// margins can show it, and on easy text they do not.
public final class DraftModelExecutor: HostBehaviour {
    private let visiblePercent: UInt64
    private var numbers: SplitMix64

    /// - Parameter visiblePercent: of its items have a margin above the threshold: 100 for a 4-bit or layer-cut draft, 70 to 77 for a
    ///   near-lossless one in sprints.
    public init(visiblePercent: UInt64, seed: UInt64) {
        self.visiblePercent = visiblePercent
        numbers = SplitMix64(seed: seed)
    }

    public func quality(of kind: RoundKind) -> ItemQuality {
        .draft(marginMicroNats: numbers.happens(visiblePercent) ? 20_000 : 1_500)
    }
}
