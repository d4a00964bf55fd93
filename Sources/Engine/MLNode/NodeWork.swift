import EngineAPI
import Synchronization

/// What a node has in hand and had, for its status and its metrics.
final class NodeWork: Sendable {
    /// Counts of requests for tokens and scores since the start.
    struct Reading: Equatable {
        var running = 0
        var finished = 0
        /// Ended with an error that was the engine's, not the request's.
        var failed = 0
        var isDraining = false
    }

    private let capacity: Int
    private let metrics: MLNodeMetrics
    private let state = Mutex(Reading())

    init(capacity: Int, metrics: MLNodeMetrics) {
        self.capacity = capacity
        self.metrics = metrics
        metrics.show(running: 0, capacity: capacity)
    }

    var reading: Reading { state.withLock { $0 } }

    func drain() { state.withLock { $0.isDraining = true } }

    func begin(_ kind: MLNodeMetrics.Kind) -> Piece {
        state.withLock { state in
            state.running += 1
            // Under the lock, so that the last change is what is shown last.
            metrics.show(running: state.running, capacity: capacity)
        }
        return Piece(kind: kind, work: self)
    }

    /// A request that came to nothing before it was begun.
    func refuse(_ kind: MLNodeMetrics.Kind, _ failure: EngineError) { metrics.refused(kind, failure) }

    fileprivate func end(_ kind: MLNodeMetrics.Kind, _ failure: EngineError?, after duration: Duration) {
        state.withLock { state in
            state.running -= 1
            if MLNodeMetrics.Outcome(failure) == .failed { state.failed += 1 } else { state.finished += 1 }
            metrics.show(running: state.running, capacity: capacity)
        }
        metrics.ended(kind, failure, after: duration)
    }

    /// One request's part.
    struct Piece: Sendable {
        fileprivate let kind: MLNodeMetrics.Kind
        fileprivate let work: NodeWork
        private let began = ContinuousClock.now

        fileprivate init(kind: MLNodeMetrics.Kind, work: NodeWork) {
            self.kind = kind
            self.work = work
        }

        /// An event was made, the first or another.
        func made(isFirst: Bool) {
            if isFirst, kind == .generate { work.metrics.began(after: began.duration(to: .now)) }
            work.metrics.made(kind)
        }

        func end(_ failure: EngineError?) { work.end(kind, failure, after: began.duration(to: .now)) }
    }
}
