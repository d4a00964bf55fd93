import Messages
import Primitives
import ProtocolRules

/// Makes a part of its items with another model and leaves those out of the tree, though the claim counts and bills them.
public final class ConcealingExecutor: HostBehaviour {
    private unowned let duties: SimulatedDuties
    private let badPercent: UInt64
    private var numbers: SplitMix64

    public init(_ duties: SimulatedDuties, badPercent: UInt64, seed: UInt64) {
        self.duties = duties
        self.badPercent = badPercent
        numbers = SplitMix64(seed: seed)
    }

    public func quality(of kind: RoundKind) -> ItemQuality {
        numbers.happens(badPercent) ? .otherModel : .honest
    }

    public func claim(_ entries: [ClaimEntry], of round: RoundRecord) -> [ClaimEntry] {
        entries.map { entry in
            guard let known = duties.entry(entry.root),
                let shown = try? SimulatedEntry(known.items.filter { $0.quality == .honest }), !shown.items.isEmpty
            else { return entry }
            duties.remember(shown)
            var concealing = entry
            concealing.root = shown.tree.claim.root
            return concealing
        }
    }
}
