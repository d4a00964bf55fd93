import Metrics
import OrderingAPI
import Primitives
import Telemetry

/// An application whose work is measured from outside: it computes what it would compute without.
///
/// Stands between an ordering and the application, whichever the ordering is, and is used as the application is: from one
/// place at a time.
public final class MeasuredApplication<Inner: ReplicatedApplication>: ReplicatedApplication {
    private let inner: Inner
    private let metrics: ApplicationMetrics
    private let clock = ContinuousClock()
    /// What was executed and not committed yet.
    private var pending: (height: UInt64, results: [TransactionResult])?
    /// How long the executions since the last commit took, those of proposals that came to nothing included.
    private var executing = Duration.zero

    /// - Parameter inner: used by nobody else from here on.
    public init(_ inner: Inner, metrics factory: any MetricsFactory) {
        self.inner = inner
        metrics = ApplicationMetrics(factory)
        metrics.height.set(inner.info().lastBlockHeight)
    }

    public func info() -> ApplicationInfo { inner.info() }

    public func initChain(_ request: InitChainRequest) throws(ApplicationFailure) -> InitChainResponse {
        (pending, executing) = (nil, .zero)
        return try inner.initChain(request)
    }

    public func checkTransaction(_ bytes: Bytes, isRecheck: Bool) -> TransactionResult {
        let result = inner.checkTransaction(bytes, isRecheck: isRecheck)
        (isRecheck ? metrics.rechecked : metrics.checked).increment(result.isAccepted ? .accepted : .refused)
        return result
    }

    public var verifier: (any TransactionVerifier)? { inner.verifier }

    public func adopt(_ verified: [any VerifiedBytes]) { inner.adopt(verified) }

    public func finalizeBlock(_ block: OrderedBlock) throws(ApplicationFailure) -> BlockResult {
        let start = clock.now
        let result = try inner.finalizeBlock(block)
        executing += clock.now - start
        pending = (block.height, result.transactionResults)
        return result
    }

    public func commit() throws(ApplicationFailure) {
        let start = clock.now
        try inner.commit()
        metrics.committing.record(duration: clock.now - start)
        metrics.executing.record(duration: executing)
        executing = .zero
        guard let (height, results) = pending else { return }
        pending = nil
        metrics.height.set(height)
        metrics.blocks.increment()
        let accepted = results.count { $0.isAccepted }
        metrics.delivered.increment(.accepted, by: accepted)
        metrics.delivered.increment(.refused, by: results.count - accepted)
    }

    public func query(_ request: QueryRequest) -> QueryResponse { inner.query(request) }
}

extension MeasuredApplication: ConsensusApplication where Inner: ConsensusApplication {
    public func outline(of bytes: Bytes) -> TransactionOutline? { inner.outline(of: bytes) }

    public var snapshot: any CommittedState { inner.snapshot }
}
