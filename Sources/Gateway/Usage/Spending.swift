import OpenAIWire
import Primitives

/// What one key has spent, what its open requests may still cost, and how fast it may ask.
struct Spending: Sendable {
    private(set) var date: UTCDate
    private(set) var day = Amount.zero
    private(set) var month = Amount.zero
    private(set) var total = Amount.zero
    /// The most that requests which have not ended can cost.
    private(set) var reserved = Amount.zero
    private(set) var openRequests = 0
    /// Nil where there is no limit.
    private(set) var requests: RateBucket?
    private(set) var tokens: RateBucket?

    init(date: UTCDate, day: Amount = .zero, month: Amount = .zero, total: Amount = .zero) {
        self.date = date
        self.day = day
        self.month = month
        self.total = total
    }

    /// Whether nothing of it matters any more: no open request, nothing spent on this day.
    func isIdle(on today: UTCDate) -> Bool { openRequests == 0 && date < today }

    /// Lets time pass, and takes over limits that were changed.
    mutating func update(_ terms: KeyTerms, now: UInt64) {
        roll(to: UTCDate(seconds: now / WallClock.nanosecondsPerSecond))
        Self.update(&requests, capacity: terms.requestsPerMinute, now: now)
        Self.update(&tokens, capacity: terms.tokensPerMinute, now: now)
    }

    private static func update(_ bucket: inout RateBucket?, capacity: UInt64?, now: UInt64) {
        if bucket?.capacity != capacity { bucket = capacity.map { RateBucket(capacity: $0, now: now) } }
        bucket?.fill(now: now)
    }

    /// A clock that goes back does not give a day's budget anew.
    mutating func roll(to today: UTCDate) {
        guard date < today else { return }
        if today.monthNumber != date.monthNumber { month = .zero }
        (date, day) = (today, .zero)
    }

    /// Lets a request in.
    ///
    /// - Parameters:
    ///   - maximum: what it can cost.
    ///   - tokens: what it will probably take.
    /// - Throws: 402 where a budget does not hold it beside what is open, 429 where it comes too early.
    mutating func open(maximum: Amount, tokens count: UInt64, _ terms: KeyTerms) throws(OpenAIError) {
        let budgets: [(Amount?, spent: Amount, name: String, renewal: UInt64?)] = [
            (terms.dayBudget, day, "day", date.nextDay),
            (terms.monthBudget, month, "month", date.nextMonth.day * UTCDate.secondsPerDay),
            (terms.totalBudget, total, "total", nil),
        ]
        for case (let budget?, let spent, let name, let renewal) in budgets {
            let left = budget.clamped(minus: spent).clamped(minus: reserved)
            guard maximum <= left else {
                throw .budgetExceeded(
                    name, budget: budget.inGNK, left: left.inGNK, maximum: maximum.inGNK,
                    renewal: renewal.map { UTCDate.timestamp(seconds: $0) })
            }
        }
        if let bucket = requests, bucket.remaining < 1 { throw .keyRateExceeded("requests", bucket.wait(for: 1)) }
        if tokens?.take(count) == false { throw .keyRateExceeded("tokens", tokens?.wait(for: count) ?? 1) }
        _ = requests?.take(1)
        reserved = reserved.clamped(plus: maximum)
        openRequests += 1
    }

    /// Ends a request that was let in with these values.
    mutating func close(maximum: Amount, tokens count: UInt64, fee: Amount, tokensUsed: UInt64) {
        reserved = reserved.clamped(minus: maximum)
        openRequests -= 1
        tokens?.correct(count, to: tokensUsed)
        day = day.clamped(plus: fee)
        month = month.clamped(plus: fee)
        total = total.clamped(plus: fee)
    }
}
