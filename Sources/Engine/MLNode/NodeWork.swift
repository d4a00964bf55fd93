import Synchronization

/// What a node has in hand, for its status.
final class NodeWork: Sendable {
    /// Counts of requests for tokens and scores since the start.
    struct Reading: Equatable {
        var running = 0
        var finished = 0
        /// Ended with an error that was the engine's, not the request's.
        var failed = 0
        var isDraining = false
    }

    private let state = Mutex(Reading())

    var reading: Reading { state.withLock { $0 } }

    func drain() { state.withLock { $0.isDraining = true } }

    func begin() { state.withLock { $0.running += 1 } }

    func end(failed: Bool) {
        state.withLock { state in
            state.running -= 1
            if failed { state.failed += 1 } else { state.finished += 1 }
        }
    }
}
