#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The time of day, which budgets and signed requests are held against. Tests set their own.
struct WallClock: Sendable {
    static let nanosecondsPerSecond: UInt64 = 1_000_000_000

    /// Nanoseconds since 1970-01-01 UTC.
    var nanoseconds: @Sendable () -> UInt64 = WallClock.system

    /// Whole seconds since 1970-01-01 UTC.
    var seconds: UInt64 { nanoseconds() / Self.nanosecondsPerSecond }

    private static func system() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return UInt64(clamping: time.tv_sec) &* nanosecondsPerSecond &+ UInt64(clamping: time.tv_nsec)
    }
}
