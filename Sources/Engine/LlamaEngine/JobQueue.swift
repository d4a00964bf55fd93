import Dispatch
import EngineAPI
import Synchronization

/// Where tasks hand their requests to the engine's thread: a bounded line for each priority.
///
/// Users go first, then audits, then background work. An audit that waits lets only so many users pass, as its deadline comes
/// however busy the host is; background work may wait for ever.
final class JobQueue: Sendable {
    private struct State {
        var nextID: UInt64 = 0
        var users = JobLine()
        var audits = JobLine()
        var background = JobLine()
        var embeddings: [EmbeddingJob] = []
        /// Users' jobs begun since an audit last had its turn, while one waited.
        var usersBeforeAudit = 0
        /// Running jobs that nobody waits for any more.
        var cancelled: [UInt64] = []
        /// What the thread has in hand: to be ended by others, should it not come back.
        var begun: [UInt64: any AwaitedJob] = [:]
        /// Why nothing can be done now.
        var fault: EngineError?
        var isStopped = false

        /// Why nothing is taken.
        var refusal: EngineError? { isStopped ? .stopped : fault }

        mutating func admit(_ job: Job) -> EngineError? {
            switch job.turn.priority {
            case .user: users.admit(job)
            case .audit: audits.admit(job)
            case .background: background.admit(job)
            }
        }

        mutating func take(_ id: UInt64) -> (any AwaitedJob)? {
            if let job = users.take(id) ?? audits.take(id) ?? background.take(id) { return job }
            return embeddings.firstIndex { $0.id == id }.map { embeddings.remove(at: $0) }
        }

        mutating func takeAll() -> [any AwaitedJob] {
            defer { embeddings = [] }
            return users.takeAll() + audits.takeAll() + background.takeAll() + embeddings
        }

        /// The next job to begin.
        mutating func next(withBackground: Bool) -> Job? {
            let isAuditDue = !audits.isEmpty && usersBeforeAudit >= Limits.usersBeforeAudit
            if !isAuditDue, let job = users.takeNext() {
                usersBeforeAudit = audits.isEmpty ? 0 : usersBeforeAudit + 1
                return job
            }
            if let job = audits.takeNext() {
                usersBeforeAudit = 0
                return job
            }
            return withBackground ? background.takeNext() : nil
        }
    }

    private let state = Mutex(State())
    /// Counts changes, so the thread never sleeps through one.
    private let changes = DispatchSemaphore(value: 0)

    /// What changed since the thread last asked.
    struct Changes {
        /// Jobs that began earlier and that nobody waits for any more.
        let cancelled: [UInt64]
        let begun: [Job]
        let embedding: EmbeddingJob?
    }

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
            if let refusal = state.refusal { return refusal }
            return state.admit(job)
        }
        if let refusal { job.fail(refusal) } else { changes.signal() }
    }

    /// Puts a text in line, or ends it at once with `.overloaded` or `.stopped`.
    func submit(_ job: EmbeddingJob) {
        let refusal: EngineError? = state.withLock { state in
            if let refusal = state.refusal { return refusal }
            if state.embeddings.count >= Limits.waitingRequests { return .overloaded }
            state.embeddings.append(job)
            return nil
        }
        if let refusal { job.fail(refusal) } else { changes.signal() }
    }

    /// Ends a job wherever it is; one that is over stays as it was.
    func cancel(_ id: UInt64) {
        let waiting: (any AwaitedJob)? = state.withLock { state in
            if let job = state.take(id) { return job }
            if state.begun[id] != nil { state.cancelled.append(id) }
            return nil
        }
        waiting?.fail(.cancelled)
        changes.signal()
    }

    /// Refuses what comes and ends what waits; the thread ends what runs.
    func stop() {
        let waiting = state.withLock { state in
            state.isStopped = true
            return state.takeAll()
        }
        for job in waiting { job.fail(.stopped) }
        changes.signal()
    }

    var isStopped: Bool { state.withLock { $0.isStopped } }

    /// Ends what waits and what the thread has in hand, and refuses what comes, until `mend`. From any thread.
    func breakOff(with fault: EngineError) {
        let jobs = state.withLock { state in
            state.fault = fault
            defer { state.begun = [:] }
            return state.takeAll() + state.begun.values
        }
        for job in jobs { job.fail(fault) }
    }

    /// The engine can work again.
    func mend() { state.withLock { $0.fault = nil } }

    /// A job that the thread had in hand is over.
    func noteEnd(_ id: UInt64) { state.withLock { _ = $0.begun.removeValue(forKey: id) } }

    /// What the thread has to know before a step: whom to forget, whom to begin.
    ///
    /// - Parameters:
    ///   - places: how many jobs may begin.
    ///   - reserved: places that background work leaves free.
    ///   - embeds: whether a text may be embedded.
    /// - Returns: nil once the queue is stopped.
    func changes(places: Int, reserved: Int = 0, embeds: Bool = false) -> Changes? {
        state.withLock { state in
            if state.isStopped { return nil }
            var begun: [Job] = []
            while begun.count < places, let job = state.next(withBackground: begun.count + reserved < places) {
                begun.append(job)
            }
            defer { state.cancelled = [] }
            for job in begun { state.begun[job.id] = job }
            let embedding = embeds && !state.embeddings.isEmpty ? state.embeddings.removeFirst() : nil
            if let embedding { state.begun[embedding.id] = embedding }
            return Changes(cancelled: state.cancelled, begun: begun, embedding: embedding)
        }
    }

    /// Sleeps until something changed since the last call. For the engine's thread only.
    func waitForChange() { changes.wait() }

    /// Sleeps until the queue is stopped, or for so long. For the engine's thread only.
    ///
    /// - Returns: whether it is stopped.
    func waitForStop(seconds: Int) -> Bool {
        let deadline = DispatchTime.now() + .seconds(seconds)
        while !isStopped, changes.wait(timeout: deadline) == .success {}
        return isStopped
    }
}
