import Dispatch
import EngineAPI
import Synchronization

/// Where tasks hand their requests to the engine's thread: bounded, first come first served, but users' before background work.
final class JobQueue: Sendable {
    private struct State {
        var nextID: UInt64 = 0
        var waiting: [Job] = []
        /// The same for background work, which users' requests never wait behind.
        var waitingInBackground: [Job] = []
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
            return job.isBackground ? state.waitingInBackground.admit(job) : state.waiting.admit(job)
        }
        if let refusal { job.fail(refusal) } else { changes.signal() }
    }

    /// Ends a job wherever it is; one that is over stays as it was.
    func cancel(_ id: UInt64) {
        let waiting: Job? = state.withLock { state in
            if let job = state.waiting.take(id) ?? state.waitingInBackground.take(id) { return job }
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
            defer { (state.waiting, state.waitingInBackground) = ([], []) }
            return state.waiting + state.waitingInBackground
        }
        for job in waiting { job.fail(.stopped) }
        changes.signal()
    }

    /// What the thread has to know before a step: whom to forget, whom to begin.
    ///
    /// - Parameters:
    ///   - places: how many jobs may begin.
    ///   - reserved: places that background work leaves free.
    /// - Returns: nil once the queue is stopped.
    func changes(places: Int, reserved: Int = 0) -> (cancelled: [UInt64], begun: [Job])? {
        state.withLock { state in
            if state.isStopped { return nil }
            let begun = state.waiting.takeFirst(places)
            let background = state.waitingInBackground.takeFirst(places - begun.count - reserved)
            defer { state.cancelled = [] }
            return (state.cancelled, begun + background)
        }
    }

    /// Sleeps until something changed since the last call. For the engine's thread only.
    func waitForChange() { changes.wait() }
}

extension [Job] {
    /// Puts a job at the end, or says why not.
    fileprivate mutating func admit(_ job: Job) -> EngineError? {
        if count >= Limits.waitingRequests { return .overloaded }
        append(job)
        return nil
    }

    fileprivate mutating func take(_ id: UInt64) -> Job? { firstIndex { $0.id == id }.map { remove(at: $0) } }

    fileprivate mutating func takeFirst(_ count: Int) -> [Job] {
        let taken = Array(prefix(Swift.max(0, count)))
        removeFirst(taken.count)
        return taken
    }
}
