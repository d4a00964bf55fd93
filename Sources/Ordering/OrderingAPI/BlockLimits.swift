import Primitives

/// What a block may hold. Behind CometBFT part of consensus: every node has the same, since a proposal beyond them is refused.
public struct BlockLimits: Sendable {
    /// Transactions, and their bytes.
    public var transactionsMax = 5_000
    public var bytesMax = 4 << 20
    /// The part of a block in which duty transactions come before all that waits longer.
    public var dutyReserved = 625
    public var dutyBytesReserved = 512 << 10

    public init() {}
}

extension BlockLimits {
    /// Puts duties first, as far as a part of the block is kept for them, and then everything as it came: nobody can buy duties out,
    /// and they cannot crowd everybody else out. A duty behind another transaction of its sender stays there: its sequence would
    /// not be the next.
    ///
    /// Pure, and what is in order stays as it is.
    public func inOrder<Transaction>(
        _ waiting: [Transaction],
        _ outline: (Transaction) -> (bytes: Int, sender: Bytes, lane: TransactionLane)
    ) -> [Transaction] {
        var senders: Set<Bytes> = []
        var (duties, others): ([Transaction], [Transaction]) = ([], [])
        var dutyBytes = 0
        for transaction in waiting {
            let (bytes, sender, lane) = outline(transaction)
            let isFirst = senders.insert(sender).inserted
            let fits = duties.count < dutyReserved && bytes <= dutyBytesReserved - dutyBytes
            if lane == .duty && isFirst && fits {
                duties.append(transaction)
                dutyBytes += bytes
            } else {
                others.append(transaction)
            }
        }
        return duties + others
    }
}
