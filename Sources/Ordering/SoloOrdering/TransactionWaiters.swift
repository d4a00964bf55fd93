import Primitives

/// The callers that wait for a transaction's block. Each is answered once.
struct TransactionWaiters {
    typealias Answer = Result<TransactionOutcome, OrderingError>
    typealias Continuation = CheckedContinuation<Answer, Never>

    private var continuations: [Hash32: [UInt64: Continuation]] = [:]
    private(set) var count = 0

    mutating func add(_ continuation: Continuation, id: UInt64, for hash: Hash32) {
        continuations[hash, default: [:]][id] = continuation
        count += 1
    }

    /// Answers all that wait for one transaction.
    mutating func answer(_ hash: Hash32, with outcome: TransactionOutcome) {
        guard let waiting = continuations.removeValue(forKey: hash) else { return }
        count -= waiting.count
        for continuation in waiting.values { continuation.resume(returning: .success(outcome)) }
    }

    /// Ends one caller's wait without a result.
    mutating func giveUp(id: UInt64, for hash: Hash32) {
        guard let continuation = continuations[hash]?.removeValue(forKey: id) else { return }
        if continuations[hash]?.isEmpty == true { continuations[hash] = nil }
        count -= 1
        continuation.resume(returning: .success(.unknown))
    }

    /// Ends every wait with an error.
    mutating func fail(with error: OrderingError) {
        for waiting in continuations.values {
            for continuation in waiting.values { continuation.resume(returning: .failure(error)) }
        }
        continuations = [:]
        count = 0
    }
}
