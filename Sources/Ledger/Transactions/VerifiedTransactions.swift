import Primitives

/// Transactions that were verified for the mempool and will come again in a block, by the hash of their whole bytes. Bounded
/// in number and bytes: the oldest are forgotten, and are then verified once more.
///
/// Beside them, what a verifier found before a check or a block. That was not paid for, so it is kept for this one use.
final class VerifiedTransactions {
    private var transactions: [Hash32: VerifiedTransaction] = [:]
    /// Oldest first, from `first` on.
    private var order: [Hash32] = []
    private var first = 0
    private var byteCount = 0
    private var adopted: [Hash32: VerifiedTransaction] = [:]

    subscript(hash: Hash32) -> VerifiedTransaction? { adopted[hash] ?? transactions[hash] }

    func adopt(_ found: [VerifiedTransaction]) { for transaction in found { adopted[transaction.hash] = transaction } }

    func forgetAdopted() { adopted.removeAll() }

    func insert(_ transaction: VerifiedTransaction) {
        guard transactions.updateValue(transaction, forKey: transaction.hash) == nil else { return }
        order.append(transaction.hash)
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
