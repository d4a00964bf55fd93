#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What the ordering knows about time. Tests turn the hands themselves.
public protocol BlockClock: Sendable {
    /// Milliseconds since 1970-01-01 UTC, as people would read them off; may jump either way.
    func wallMilliseconds() -> UInt64

    /// Time since a fixed moment; never runs backwards.
    func elapsed() -> Duration

    /// Returns once `elapsed()` has reached `deadline`, or at once when the task is cancelled.
    func sleep(until deadline: Duration) async
}

/// The clock of this machine.
public struct SystemBlockClock: BlockClock {
    private let start = ContinuousClock.now

    public init() {}

    public func wallMilliseconds() -> UInt64 {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return UInt64(max(0, now.tv_sec)) * 1000 + UInt64(max(0, now.tv_nsec)) / 1_000_000
    }

    public func elapsed() -> Duration { ContinuousClock.now - start }

    public func sleep(until deadline: Duration) async {
        // The only error is cancellation, which ends the wait early as promised.
        do { try await Task.sleep(until: start + deadline, clock: .continuous) } catch {}
    }
}
