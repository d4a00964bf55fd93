/// A moment by which something must have come, on a clock that tests turn.
struct Deadline: Sendable {
    private let isOver: @Sendable () -> Bool
    private let left: @Sendable () -> Duration
    private let sleep: @Sendable () async throws -> Void

    /// - Parameter duration: from now on.
    init(in duration: Duration, on clock: some Clock<Duration>) {
        let end = clock.now.advanced(by: duration)
        isOver = { clock.now >= end }
        left = { clock.now.duration(to: end) }
        sleep = { try await clock.sleep(until: end, tolerance: nil) }
    }

    var hasPassed: Bool { isOver() }

    /// Until then; never negative.
    var remaining: Duration { max(left(), .zero) }

    /// Returns when it has passed.
    ///
    /// - Throws: `CancellationError`.
    func wait() async throws { try await sleep() }
}
