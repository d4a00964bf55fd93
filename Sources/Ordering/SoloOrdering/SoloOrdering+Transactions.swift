import Cryptography
import OrderingAPI
import Primitives
import Synchronization

/// Taking transactions, and waiting for what becomes of them.
extension SoloOrdering {
    /// Checks a transaction and lets it wait for a block.
    ///
    /// - Returns: the application's check, or a refusal of the mempool (codespace `mempool`). Accepted means that it waits;
    ///   what it does is known only from its block.
    @concurrent
    public nonisolated func broadcast(_ bytes: Bytes) async throws(OrderingError) -> TransactionResult {
        try await admit(bytes, verifiedHere(bytes))
    }

    /// Checks a signature on the caller's own thread, also while a block is being made.
    private nonisolated func verifiedHere(_ bytes: Bytes) -> (any VerifiedBytes)? {
        earlyVerifier.withLock { $0 }?.verify(bytes)
    }

    private func admit(
        _ bytes: Bytes, _ verified: (any VerifiedBytes)?
    ) throws(OrderingError) -> TransactionResult {
        _ = try runningChain()
        do throws(MempoolRefusal) {
            if source != nil { throw .follower }
            let hash = try mempool.screen(bytes)
            if let verified { application.adopt([verified]) }
            let check = application.checkTransaction(bytes, isRecheck: false)
            if !check.isAccepted { return check }
            let wasEmpty = mempool.isEmpty
            try mempool.admit(bytes, hash: hash, check: check)
            metrics.show(mempool)
            if wasEmpty { wake() }
            if mempool.isFull { renewVerifier() }
            return check
        } catch {
            metrics.count(error)
            return error.result
        }
    }

    /// Broadcasts a transaction and waits for its block. Sending the same bytes again is harmless: a transaction that waits
    /// or is in a block already is waited for or answered from there, not refused. One that a block refused is tried again
    /// only where it would now pass its check: where it did not use its sequence.
    ///
    /// - Parameter timeout: how long to wait; afterwards the outcome is `.unknown`.
    @concurrent
    public nonisolated func broadcastAndWait(
        _ bytes: Bytes, timeout: Duration
    ) async throws(OrderingError) -> TransactionOutcome {
        try await admitAndWait(bytes, verifiedHere(bytes), timeout: timeout)
    }

    private func admitAndWait(
        _ bytes: Bytes, _ verified: (any VerifiedBytes)?, timeout: Duration
    ) async throws(OrderingError) -> TransactionOutcome {
        let hash = Hash32.sha256(bytes)
        if let committed = results[hash], committed.result.isAccepted { return .committed(committed) }
        let check = try admit(bytes, verified)
        if check.isAccepted || check == MempoolRefusal.alreadyWaiting.result {
            return try await outcome(of: hash, timeout: timeout)
        }
        return results[hash].map { .committed($0) } ?? .refused(check)
    }

    /// Waits for the block of a transaction, whoever sent it. A result that is known already is given at once.
    ///
    /// - Returns: `.unknown` after `timeout` or when the task is cancelled.
    /// - Throws: `.tooManyWaiters`; `.stopped` or what stopped the node, where that happens first.
    public func waitForTransaction(_ hash: Hash32, timeout: Duration) async throws(OrderingError) -> TransactionOutcome
    {
        _ = try runningChain()
        if let committed = results[hash] { return .committed(committed) }
        return try await outcome(of: hash, timeout: timeout)
    }

    /// The result of a transaction, where it is among the last that `Limits.resultsMax` and `Limits.resultBytesMax` hold
    /// since the node started.
    public func transaction(_ hash: Hash32) -> CommittedTransaction? { results[hash] }

    private func outcome(of hash: Hash32, timeout: Duration) async throws(OrderingError) -> TransactionOutcome {
        if waiters.count >= limits.waitersMax { throw .tooManyWaiters(max: limits.waitersMax) }
        let id = nextID()
        let (clock, deadline) = (clock, clock.elapsed() + timeout)
        let timer = Task {
            await clock.sleep(until: deadline)
            waiters.giveUp(id: id, for: hash)
        }
        defer { timer.cancel() }
        let answer = await withTaskCancellationHandler {
            await withCheckedContinuation { waiters.add($0, id: id, for: hash) }
        } onCancel: {
            timer.cancel()
        }
        return try answer.get()
    }
}
