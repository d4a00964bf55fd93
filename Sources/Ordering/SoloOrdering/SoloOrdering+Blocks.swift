import Cryptography
import Logging
import OrderingAPI
import Primitives

/// From waiting transactions to a committed block.
extension SoloOrdering {
    /// Makes one block of what waits. Callers hear of it only after it is committed.
    func makeBlock() throws(OrderingError) {
        let transactions = mempool.reap(bytesMax: limits.block.bytesMax, countMax: limits.block.transactionsMax)
        let time = clock.wallMilliseconds()
        guard
            let result = try chain?.extend(with: transactions.map(\.bytes), timeMilliseconds: time)
        else { return }
        conclude(transactions.map(\.hash), result)
    }

    /// Takes the block that another node made next.
    func take(_ block: BlockRecord) throws(OrderingError) {
        guard let result = try chain?.append(block) else { return }
        conclude(block.transactions.map { .sha256($0) }, result)
    }

    /// Tells of a block that is committed.
    private func conclude(_ hashes: [Hash32], _ result: BlockResult) {
        guard let tip = chain?.tip else { return }
        logger.debug(
            "block committed",
            metadata: [
                "height": "\(tip.height)", "app_hash": "\(tip.appHash)", "transactions": "\(hashes.count)",
            ])
        remember(result, of: hashes, height: tip.height)
        let summary = BlockSummary(tip: tip, transactionCount: hashes.count, events: result.events)
        for subscription in subscriptions.values { subscription.yield(summary) }
        let outcomes = zip(hashes, result.transactionResults).map { (hash: $0, isAccepted: $1.isAccepted) }
        recheck(mempool.finish(height: tip.height, block: outcomes))
        metrics.show(mempool)
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
            metrics.count(.expired)
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
