import Primitives

/// Transactions that were verified for the mempool and will come again in a block, by the hash of their whole bytes. Bounded
/// in number and bytes: the oldest are forgotten, and are then verified once more.
final class VerifiedTransactions {
    private struct Known {
        let transaction: VerifiedTransaction
        let vouchers: Set<Hash32>
    }

    private var transactions: [Hash32: Known] = [:]
    /// Oldest first, from `first` on.
    private var order: [Hash32] = []
    private var first = 0
    private var byteCount = 0

    subscript(hash: Hash32) -> VerifiedTransaction? { transactions[hash]?.transaction }

    /// The names of the transaction's vouchers whose signatures were checked too (`SessionClaims.name`).
    func vouchers(of hash: Hash32) -> Set<Hash32> { transactions[hash]?.vouchers ?? [] }

    func insert(_ transaction: VerifiedTransaction, vouchers: Set<Hash32>, for hash: Hash32) {
        let known = Known(transaction: transaction, vouchers: vouchers)
        guard transactions.updateValue(known, forKey: hash) == nil else { return }
        order.append(hash)
        byteCount += transaction.decoded.size
        while transactions.count > Limits.verifiedTransactionsMax || byteCount > Limits.verifiedTransactionBytesMax {
            forgetOldest()
        }
    }

    private func forgetOldest() {
        byteCount -= transactions.removeValue(forKey: order[first])?.transaction.decoded.size ?? 0
        first += 1
        if first * 2 > order.count {
            order.removeSubrange(..<first)
            first = 0
        }
    }
}
