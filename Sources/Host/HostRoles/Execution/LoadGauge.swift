import OpenAIWire
import Synchronization

/// How many requests a host has taken on, and whether it takes more.
public final class LoadGauge: Sendable {
    /// What the gauge shows.
    public struct Reading: Equatable, Sendable {
        public let running: Int
        public let waiting: Int
        /// Requests that run at once.
        public let capacity: Int
        /// Requests that wait for an answer that another one is getting; they need no place in the engine.
        public let repeating: Int
    }

    private struct State {
        var active = 0
        var repeating = 0
        var isDraining = false
        var idleWaiters: [CheckedContinuation<Void, Never>] = []
    }

    private let capacity: Int
    private let limits: Limits
    private let metrics: HostMetrics
    private let state = Mutex(State())

    init(capacity: Int, limits: Limits, metrics: HostMetrics = HostMetrics()) {
        self.capacity = capacity
        self.limits = limits
        self.metrics = metrics
        metrics.showLoad(active: 0, places: capacity)
    }

    public var reading: Reading {
        let (active, repeating) = state.withLock { ($0.active, $0.repeating) }
        return Reading(
            running: min(active, capacity), waiting: max(0, active - capacity), capacity: capacity, repeating: repeating
        )
    }

    /// Whether new requests are refused because the host is about to stop.
    public var isDraining: Bool { state.withLock(\.isDraining) }

    /// Counts one more request; `leave` must follow.
    ///
    /// - Parameter activeMax: with how many requests at once, this one included, it is let in; nil for as many as there can be.
    func enter(activeMax: Int? = nil) throws(OpenAIError) {
        let refusal: OpenAIError? = state.withLock { state in
            if state.isDraining { return .shuttingDown }
            if let activeMax, state.active >= activeMax {
                return .rateLimitExceeded(retryAfterSeconds: limits.retryAfterSeconds)
            }
            guard state.active < capacity + limits.waitingMax else {
                return .overloaded(retryAfterSeconds: limits.retryAfterSeconds)
            }
            state.active += 1
            // Under the lock, so that the last change is shown last.
            metrics.showLoad(active: state.active, places: capacity)
            return nil
        }
        if let refusal { throw refusal }
    }

    func leave() {
        let waiters: [CheckedContinuation<Void, Never>] = state.withLock { state in
            state.active -= 1
            metrics.showLoad(active: state.active, places: capacity)
            guard state.active == 0 else { return [] }
            defer { state.idleWaiters = [] }
            return state.idleWaiters
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Counts one more that waits for an answer that another request is getting; `leaveRepeat` must follow. As many may as
    /// may wait for the engine, also while the host drains: what they wait for is finished, too.
    func enterRepeat() throws(OpenAIError) {
        let hasRoom = state.withLock { state in
            guard state.repeating < limits.waitingMax else { return false }
            state.repeating += 1
            return true
        }
        if !hasRoom { throw .overloaded(retryAfterSeconds: limits.retryAfterSeconds) }
    }

    func leaveRepeat() { state.withLock { $0.repeating -= 1 } }

    /// Refuses new requests from now on.
    public func drain() { state.withLock { $0.isDraining = true } }

    /// Returns when no request is left.
    public func waitUntilIdle() async {
        await withCheckedContinuation { continuation in
            let isIdle = state.withLock { state in
                if state.active > 0 { state.idleWaiters.append(continuation) }
                return state.active == 0
            }
            if isIdle { continuation.resume() }
        }
    }
}
