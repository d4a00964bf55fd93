import OrderingAPI
import Primitives

/// The transactions of a proposal: in `BlockLimits`' order, without doubles, as many as fit.
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
        let ordered = limits.inOrder(entries) { ($0.bytes.count, $0.outline.sender, $0.outline.lane) }
        return fitting(ordered.map(\.bytes), bytesMax: min(bytesMax, limits.bytesMax))
    }

    /// Whether an honest proposer can have proposed exactly this.
    func isArranged(_ proposal: [Bytes], by outline: (Bytes) -> TransactionOutline?) -> Bool {
        proposal.count <= limits.transactionsMax && arrange(proposal, bytesMax: .max, by: outline) == proposal
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
