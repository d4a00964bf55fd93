import Primitives

/// Transactions that were verified for the mempool and will come again in a block, by the hash of their whole bytes. Bounded:
/// the oldest are forgotten, and are then verified once more.
final class VerifiedTransactions {
    private var transactions: [Hash32: VerifiedTransaction] = [:]
    private var order: [Hash32] = []
    private var next = 0

    subscript(hash: Hash32) -> VerifiedTransaction? {
        get { transactions[hash] }
        set {
            guard let newValue else { return }
            if transactions.updateValue(newValue, forKey: hash) != nil { return }
            if order.count < Limits.verifiedTransactionsMax {
                order.append(hash)
            } else {
                transactions[order[next]] = nil
                order[next] = hash
                next = (next + 1) % order.count
            }
        }
    }
}
