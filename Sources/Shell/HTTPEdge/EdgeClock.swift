import Synchronization

/// The continuous clock, for deadlines that hardly ever pass: one timer for all who sleep, and nothing is left of a sleeper that was
/// cancelled.
///
/// `Task.sleep` keeps a timer until the deadline, cancelled or not: at a thousand requests a second, each with two minutes' patience,
/// that is a hundred thousand of them, and a wake-up of the timers' thread for each.
public struct EdgeClock: Clock {
    public typealias Instant = ContinuousClock.Instant

    public init() {}

    public var now: Instant { ContinuousClock.now }
    public var minimumResolution: Duration { Sleepers.tick }

    /// Returns at the deadline or a tick later.
    ///
    /// - Throws: `CancellationError`.
    public func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        try await Sleepers.shared.sleep(until: deadline)
    }

    /// Calls `action` at the deadline or a tick later, on a thread of its own and perhaps before this has returned: for whoever need
    /// not wait in a task.
    public func call(at deadline: Instant, _ action: @escaping @Sendable () -> Void) -> Call {
        Sleepers.shared.call(at: deadline, action)
    }

    /// A call to come.
    public struct Call: Sendable {
        fileprivate let sleepers: Sleepers
        fileprivate let id: UInt64
        fileprivate let due: Int64

        /// Does nothing where it has been made, or is being made.
        public func cancel() { sleepers.forget(id, due) }
    }
}

/// All who sleep by the clock, looked through once a tick while there are any.
final class Sleepers: Sendable {
    static let tick = Duration.milliseconds(1_000 / ticksPerSecond)
    static let shared = Sleepers()

    private static let ticksPerSecond: Int64 = 100

    private typealias Wakening = CheckedContinuation<Void, any Error>

    private enum Sleeper {
        case waiting(Wakening)
        case calling(@Sendable () -> Void)

        func wake() {
            switch self {
            case .waiting(let wakening): wakening.resume()
            case .calling(let action): action()
            }
        }
    }

    private struct State {
        var nextID: UInt64 = 0
        /// Those whom a tick wakes, by their numbers.
        var sleepers: [Int64: [UInt64: Sleeper]] = [:]
        /// The last tick that was looked through.
        var lastTick: Int64 = 0
        var isTicking = false
    }

    private let start = ContinuousClock.now
    private let state = Mutex(State())

    /// How many sleep now.
    var count: Int { state.withLock { $0.sleepers.values.reduce(0) { $0 + $1.count } } }

    /// - Throws: `CancellationError`.
    func sleep(until deadline: ContinuousClock.Instant) async throws {
        let due = ticks(until: deadline) + 1
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (wakening: Wakening) in enter(wakening, id, due) }
        } onCancel: {
            cancel(id, due)
        }
    }

    func call(at deadline: ContinuousClock.Instant, _ action: @escaping @Sendable () -> Void) -> EdgeClock.Call {
        let (wanted, now) = (ticks(until: deadline) + 1, ticks(until: .now))
        let (id, due, begins) = state.withLock { state in
            if !state.isTicking { state.lastTick = now }
            state.nextID += 1
            let due = max(wanted, state.lastTick + 1)
            state.sleepers[due, default: [:]][state.nextID] = .calling(action)
            defer { state.isTicking = true }
            return (state.nextID, due, !state.isTicking)
        }
        // A task that nobody cancels.
        if begins { Task.detached { await self.run() } }
        return EdgeClock.Call(sleepers: self, id: id, due: due)
    }

    func forget(_ id: UInt64, _ due: Int64) { _ = remove(id, due) }

    private func enter(_ wakening: Wakening, _ id: UInt64, _ due: Int64) {
        let now = ticks(until: .now)
        let (hasPassed, begins) = state.withLock { state in
            if !state.isTicking { state.lastTick = now }
            guard due > state.lastTick else { return (true, false) }
            state.sleepers[due, default: [:]][id] = .waiting(wakening)
            defer { state.isTicking = true }
            return (false, !state.isTicking)
        }
        if hasPassed { return wakening.resume() }
        // A task that nobody cancels.
        if begins { Task.detached { await self.run() } }
        // A cancellation before this found nobody to wake.
        if Task.isCancelled { cancel(id, due) }
    }

    private func cancel(_ id: UInt64, _ due: Int64) {
        guard case .waiting(let wakening)? = remove(id, due) else { return }
        wakening.resume(throwing: CancellationError())
    }

    private func remove(_ id: UInt64, _ due: Int64) -> Sleeper? {
        state.withLock { state in
            let sleeper = state.sleepers[due]?.removeValue(forKey: id)
            if state.sleepers[due]?.isEmpty == true { state.sleepers[due] = nil }
            return sleeper
        }
    }

    /// Wakes whose time has come, until nobody sleeps.
    private func run() async {
        var isOver = false
        while !isOver {
            try? await Task.sleep(for: Self.tick)
            let now = ticks(until: .now)
            let woken: [Sleeper]
            (woken, isOver) = state.withLock { state in
                var woken: [Sleeper] = []
                while state.lastTick < now {
                    state.lastTick += 1
                    if let due = state.sleepers.removeValue(forKey: state.lastTick) { woken += due.values }
                }
                state.isTicking = !state.sleepers.isEmpty
                return (woken, !state.isTicking)
            }
            for sleeper in woken { sleeper.wake() }
        }
    }

    /// Whole ticks from this process's first sleeper on.
    private func ticks(until instant: ContinuousClock.Instant) -> Int64 {
        let (seconds, attoseconds) = start.duration(to: instant).components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: Self.ticksPerSecond)
        // A deadline beyond all counting never comes.
        return overflow ? Int64.max - 1 : whole + attoseconds / (1_000_000_000_000_000_000 / Self.ticksPerSecond)
    }
}
