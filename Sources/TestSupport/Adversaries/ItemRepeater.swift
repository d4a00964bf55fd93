import Messages
import ProtocolRules

/// Puts its first answer of a claim at the places of all others, and bills each. Fees are equal, so that every sum holds.
public final class ItemRepeater: HostBehaviour {
    private unowned let duties: SimulatedDuties

    public init(_ duties: SimulatedDuties) { self.duties = duties }

    public func claim(_ entries: [ClaimEntry], of round: RoundRecord) -> [ClaimEntry] {
        guard round.timetable.kind == .serving else { return entries }
        return entries.map { entry in
            guard let first = duties.entry(entry.root)?.items.first,
                let copies = try? SimulatedEntry(Array(repeating: first, count: Int(entry.count)))
            else { return entry }
            duties.remember(copies)
            var repeating = entry
            repeating.root = copies.tree.claim.root
            return repeating
        }
    }
}
