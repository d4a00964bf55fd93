import Dispatch
import EngineAPI
import Synchronization

/// Where tasks hand their requests to the engine's thread: bounded, first come first served.
final class JobQueue: Sendable {
    private struct State {
        var nextID: UInt64 = 0
        var waiting: [Job] = []
        /// Running jobs that nobody waits for any more.
        var cancelled: [UInt64] = []
        var isStopped = false
    }

    private let state = Mutex(State())
    /// Counts changes, so the thread never sleeps through one.
    private let changes = DispatchSemaphore(value: 0)

    /// A number that no other job has.
    func makeID() -> UInt64 {
        state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
    }

    /// Puts a job in line, or ends it at once with `.overloaded` or `.stopped`.
    func submit(_ job: Job) {
        let refusal: EngineError? = state.withLock { state in
            if state.isStopped { return .stopped }
            if state.waiting.count >= Limits.waitingRequests { return .overloaded }
            state.waiting.append(job)
            return nil
        }
        if let refusal { job.fail(refusal) } else { changes.signal() }
    }

    /// Ends a job wherever it is; one that is over stays as it was.
    func cancel(_ id: UInt64) {
        let waiting: Job? = state.withLock { state in
            if let index = state.waiting.firstIndex(where: { $0.id == id }) { return state.waiting.remove(at: index) }
            state.cancelled.append(id)
            return nil
        }
        waiting?.fail(.cancelled)
        changes.signal()
    }

    /// Refuses what comes and ends what waits; the thread ends what runs.
    func stop() {
        let waiting = state.withLock { state in
            state.isStopped = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for job in waiting { job.fail(.stopped) }
        changes.signal()
    }

    /// What the thread has to know before a step: whom to forget, whom to begin.
    ///
    /// - Parameter places: how many jobs may begin.
    /// - Returns: nil once the queue is stopped.
    func changes(places: Int) -> (cancelled: [UInt64], begun: [Job])? {
        state.withLock { state in
            if state.isStopped { return nil }
            let begun = Array(state.waiting.prefix(places))
            state.waiting.removeFirst(begun.count)
            defer { state.cancelled = [] }
            return (state.cancelled, begun)
        }
    }

    /// Sleeps until something changed since the last call. For the engine's thread only.
    func waitForChange() { changes.wait() }
}
