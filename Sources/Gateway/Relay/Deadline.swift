import HTTPEdge

/// A moment by which something must have come, on a clock that tests turn.
struct Deadline: Sendable {
    private let isOver: @Sendable () -> Bool
    private let left: @Sendable () -> Duration
    private let sleep: @Sendable () async throws -> Void
    private let call: @Sendable (@escaping @Sendable () -> Void) -> @Sendable () -> Void

    /// - Parameter duration: from now on.
    init(in duration: Duration, on clock: some Clock<Duration>) {
        let end = clock.now.advanced(by: duration)
        isOver = { clock.now >= end }
        left = { clock.now.duration(to: end) }
        sleep = { try await clock.sleep(until: end, tolerance: nil) }
        call = { action in
            // One task for all of them, in place of one each.
            if let edge = clock as? EdgeClock, let end = end as? EdgeClock.Instant {
                let call = edge.call(at: end, action)
                return { call.cancel() }
            }
            let task = Task {
                try await clock.sleep(until: end, tolerance: nil)
                action()
            }
            return { task.cancel() }
        }
    }

    var hasPassed: Bool { isOver() }

    /// Until then; never negative.
    var remaining: Duration { max(left(), .zero) }

    /// Returns when it has passed.
    ///
    /// - Throws: `CancellationError`.
    func wait() async throws { try await sleep() }

    /// Calls `action` when it has passed.
    ///
    /// - Returns: takes that back, where it has not begun.
    func whenPassed(_ action: @escaping @Sendable () -> Void) -> @Sendable () -> Void { call(action) }
}
