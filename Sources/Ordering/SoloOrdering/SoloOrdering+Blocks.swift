import Logging
import OrderingAPI
import Primitives

/// From waiting transactions to a committed block.
extension SoloOrdering {
    /// Makes one block of what waits. Callers hear of it only after it is committed.
    func makeBlock() throws(OrderingError) {
        let transactions = mempool.reap(bytesMax: limits.blockBytesMax, countMax: limits.blockTransactionsMax)
        let time = clock.wallMilliseconds()
        guard
            let result = try chain?.extend(with: transactions.map(\.bytes), timeMilliseconds: time),
            let tip = chain?.tip
        else { return }
        logger.debug(
            "block committed",
            metadata: [
                "height": "\(tip.height)", "app_hash": "\(tip.appHash)", "transactions": "\(transactions.count)",
            ])
        remember(result, of: transactions.map(\.hash), height: tip.height)
        let summary = BlockSummary(tip: tip, transactionCount: transactions.count, events: result.events)
        for subscription in subscriptions.values { subscription.yield(summary) }
        let outcomes = zip(transactions, result.transactionResults).map { (hash: $0.hash, isAccepted: $1.isAccepted) }
        recheck(mempool.finish(height: tip.height, block: outcomes))
        renewVerifier()
    }

    /// Keeps the results of a block and answers those who wait for them.
    func remember(_ result: BlockResult, of hashes: [Hash32], height: UInt64) {
        for (index, (hash, result)) in zip(hashes, result.transactionResults).enumerated() {
            let transaction = CommittedTransaction(hash: hash, height: height, index: index, result: result)
            results.insert(transaction, for: hash, bytes: transaction.memoryBytes)
            waiters.answer(hash, with: .committed(transaction))
        }
    }

    private func recheck(_ aftermath: Mempool.Aftermath) {
        for transaction in aftermath.expired {
            waiters.answer(transaction.hash, with: .refused(MempoolRefusal.expired.result))
        }
        for transaction in aftermath.recheck {
            let result = application.checkTransaction(transaction.bytes, isRecheck: true)
            if result.isAccepted { continue }
            mempool.remove(transaction.hash)
            waiters.answer(transaction.hash, with: .refused(result))
        }
    }
}
