import Messages
import Primitives

/// Claims a part of what one session owes from another one: the sums of its entry stay true, and so does its tree.
public final class FeeShifter: HostBehaviour {
    private let shifted: Amount

    /// - Parameter shifted: taken from the last session of an entry and put on the first, as far as the last has it.
    public init(_ shifted: Amount) { self.shifted = shifted }

    public func claim(_ entries: [ClaimEntry], of round: RoundRecord) -> [ClaimEntry] {
        entries.map { honest in
            guard honest.sessions.count > 1 else { return honest }
            var entry = honest
            let last = entry.sessions.count - 1
            let moved = min(shifted.ngonka, entry.sessions[last].fee.ngonka)
            entry.sessions[last].fee = Amount(entry.sessions[last].fee.ngonka - moved)
            entry.sessions[0].fee = Amount(entry.sessions[0].fee.ngonka + moved)
            return entry
        }
    }
}
