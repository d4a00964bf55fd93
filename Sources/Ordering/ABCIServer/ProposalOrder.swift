import OrderingAPI
import Primitives

/// The order of a block's transactions: duties first, as far as a part of the block is kept for them, and then everything
/// as it came. Nobody can buy the duties out, and they cannot crowd everybody else out.
///
/// A pure function of the transactions' bytes, and one that changes nothing the second time: whoever proposes arranges, and
/// everybody else finds the proposal arranged already or refuses it.
struct ProposalOrder {
    var limits = BlockLimits()

    /// - Parameters:
    ///   - bytesMax: of all transactions together, as the consensus node counts them.
    ///   - outline: `ConsensusApplication.outline`.
    /// - Returns: of `waiting`, without doubles and what is no transaction, as much as fits.
    func arrange(_ waiting: [Bytes], bytesMax: Int, by outline: (Bytes) -> TransactionOutline?) -> [Bytes] {
        var seen: Set<Bytes> = []
        var entries: [(bytes: Bytes, outline: TransactionOutline)] = []
        for bytes in waiting where seen.insert(bytes).inserted {
            if let outline = outline(bytes) { entries.append((bytes, outline)) }
        }
        return fitting(ordered(entries), bytesMax: min(bytesMax, limits.bytesMax))
    }

    /// Whether an honest proposer can have proposed exactly this.
    func isArranged(_ proposal: [Bytes], by outline: (Bytes) -> TransactionOutline?) -> Bool {
        proposal.count <= limits.transactionsMax && arrange(proposal, bytesMax: .max, by: outline) == proposal
    }

    /// A duty behind another transaction of its sender stays there: its sequence would not be the next.
    private func ordered(_ entries: [(bytes: Bytes, outline: TransactionOutline)]) -> [Bytes] {
        var senders: Set<Bytes> = []
        var (duties, others): ([Bytes], [Bytes]) = ([], [])
        var dutyBytes = 0
        for (bytes, outline) in entries {
            let isFirst = senders.insert(outline.sender).inserted
            let fits =
                duties.count < limits.dutyReserved
                && dutyBytes + bytes.count <= limits.dutyBytesReserved
            if outline.lane == .duty && isFirst && fits {
                duties.append(bytes)
                dutyBytes += bytes.count
            } else {
                others.append(bytes)
            }
        }
        return duties + others
    }

    private func fitting(_ ordered: [Bytes], bytesMax: Int) -> [Bytes] {
        var rest = bytesMax
        let end = ordered.prefix(limits.transactionsMax).firstIndex { bytes in
            // A block's list takes a tag and a length for each transaction.
            let size = bytes.count + Self.overhead(bytes.count)
            guard size <= rest else { return true }
            rest -= size
            return false
        }
        return Array(ordered[..<(end ?? min(ordered.count, limits.transactionsMax))])
    }

    /// One byte of tag, and the length's.
    private static func overhead(_ count: Int) -> Int { 1 + max(1, (Int.bitWidth - count.leadingZeroBitCount + 6) / 7) }
}
