/// What may be taken in a minute: a bucket that holds a minute's worth and fills evenly. What turns out to have been more than
/// was taken is owed, and holds the next ones up.
struct RateBucket: Sendable {
    /// A minute's worth.
    let capacity: UInt64
    private var level: Double
    /// Nanoseconds.
    private var filled: UInt64

    private static let nanosecondsPerMinute = Double(60 * WallClock.nanosecondsPerSecond)

    /// A full one.
    init(capacity: UInt64, now: UInt64) {
        self.capacity = capacity
        level = Double(capacity)
        filled = now
    }

    /// Lets time pass; a clock that goes back changes nothing.
    mutating func fill(now: UInt64) {
        guard now > filled else { return }
        level = min(Double(capacity), level + Double(now - filled) / Self.nanosecondsPerMinute * Double(capacity))
        filled = now
    }

    /// Takes what is wanted, or as much as a full bucket holds.
    ///
    /// - Returns: false where that is not there; nothing is taken then.
    mutating func take(_ count: UInt64) -> Bool {
        let wanted = Double(min(count, capacity))
        guard level >= wanted else { return false }
        level -= wanted
        return true
    }

    private static let minutesOwedMax = 60.0

    /// Puts right what was taken for `count`: it was really `actual`.
    mutating func correct(_ count: UInt64, to actual: UInt64) {
        let corrected = level + Double(min(count, capacity)) - Double(actual)
        // What a receipt says is the host's word: nobody waits longer than an hour for it.
        level = max(-Self.minutesOwedMax * Double(capacity), min(Double(capacity), corrected))
    }

    /// What can be taken now.
    var remaining: UInt64 { UInt64(max(0, level)) }

    /// Seconds until `count` can be taken, at least 1.
    func wait(for count: UInt64) -> UInt32 { seconds(until: Double(min(count, capacity))) }

    /// Milliseconds until it is full.
    var millisecondsToFull: UInt64 { UInt64(max(0, Double(capacity) - level) / Double(capacity) * 60_000) }

    private func seconds(until level: Double) -> UInt32 {
        let missing = max(0, level - self.level)
        return UInt32(clamping: Int(max(1, (missing / Double(capacity) * 60).rounded(.up))))
    }
}
