import Primitives

/// Transactions that were verified for the mempool and will come again in a block, by the hash of their whole bytes. Bounded
/// in number and bytes: the oldest are forgotten, and are then verified once more.
///
/// Beside them, what a verifier found before a check or a block. That was not paid for, so it is kept for this one use.
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
    private var adopted: [Hash32: VerifiedTransaction] = [:]

    subscript(hash: Hash32) -> VerifiedTransaction? { adopted[hash] ?? transactions[hash]?.transaction }

    /// The names of the transaction's vouchers whose signatures were checked too (`SessionClaims.name`); nil where the
    /// transaction is not remembered.
    func vouchers(of hash: Hash32) -> Set<Hash32>? { transactions[hash]?.vouchers }

    func adopt(_ found: [VerifiedTransaction]) { for transaction in found { adopted[transaction.hash] = transaction } }

    func forgetAdopted() { adopted.removeAll() }

    func insert(_ transaction: VerifiedTransaction, vouchers: Set<Hash32>) {
        let known = Known(transaction: transaction, vouchers: vouchers)
        guard transactions.updateValue(known, forKey: transaction.hash) == nil else { return }
        order.append(transaction.hash)
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
