import Primitives

/// Transactions that were verified for the mempool and will come again in a block, by the hash of their whole bytes. Bounded
/// in number and bytes: the oldest are forgotten, and are then verified once more.
final class VerifiedTransactions {
    private var transactions: [Hash32: VerifiedTransaction] = [:]
    /// Oldest first, from `first` on.
    private var order: [Hash32] = []
    private var first = 0
    private var byteCount = 0

    subscript(hash: Hash32) -> VerifiedTransaction? { transactions[hash] }

    func insert(_ transaction: VerifiedTransaction, for hash: Hash32) {
        guard transactions.updateValue(transaction, forKey: hash) == nil else { return }
        order.append(hash)
        byteCount += transaction.decoded.size
        while transactions.count > Limits.verifiedTransactionsMax || byteCount > Limits.verifiedTransactionBytesMax {
            forgetOldest()
        }
    }

    private func forgetOldest() {
        byteCount -= transactions.removeValue(forKey: order[first])?.decoded.size ?? 0
        first += 1
        if first * 2 > order.count {
            order.removeSubrange(..<first)
            first = 0
        }
    }
}
