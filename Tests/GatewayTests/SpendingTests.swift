import OpenAIWire
import Primitives
import Testing

@testable import Gateway

/// Budgets and rates, decided without a clock of their own.
@Suite struct SpendingTests {
    /// 2026-11-28T00:00:00Z.
    private static let midnight: UInt64 = 1_795_824_000

    private static func spending(_ terms: KeyTerms, at seconds: UInt64 = midnight) -> Spending {
        var spending = Spending(date: UTCDate(seconds: seconds))
        spending.update(terms, now: seconds * WallClock.nanosecondsPerSecond)
        return spending
    }

    private static func message(_ body: () throws -> Void) -> String {
        do { try body() } catch let error as OpenAIError { return "\(error.status) \(error.message)" } catch {}
        return "none"
    }

    @Test(arguments: [
        (KeyTerms(dayBudget: Amount(1_000)), "day", "The budget begins anew at 2026-11-29T00:00:00Z."),
        (KeyTerms(monthBudget: Amount(1_000)), "month", "The budget begins anew at 2026-12-01T00:00:00Z."),
        (KeyTerms(totalBudget: Amount(1_000)), "total", "The budget does not renew."),
    ]) func aBudgetHoldsToTheLastCoin(terms: KeyTerms, name: String, renewal: String) throws {
        var spending = Self.spending(terms)
        try spending.open(maximum: Amount(600), tokens: 1, terms)
        try spending.open(maximum: Amount(400), tokens: 1, terms)
        let refusal = Self.message { try spending.open(maximum: Amount(1), tokens: 1, terms) }
        #expect(refusal.hasPrefix("402 You exceeded your current quota: of this key's \(name) budget"))
        #expect(refusal.contains("0.000000000 GNK are left") && refusal.hasSuffix(renewal))
        // What was held back and not charged is there again.
        spending.close(maximum: Amount(600), tokens: 1, fee: Amount(100), tokensUsed: 1)
        try spending.open(maximum: Amount(500), tokens: 1, terms)
        #expect(throws: OpenAIError.self) { try spending.open(maximum: Amount(1), tokens: 1, terms) }
    }

    @Test func budgetsRenewAtMidnightAndAtTheFirst() throws {
        let terms = KeyTerms(dayBudget: Amount(10), monthBudget: Amount(15), totalBudget: Amount(30))
        var spending = Self.spending(terms)
        func spend(_ amount: UInt64, day: UInt64) -> Bool {
            spending.update(terms, now: (Self.midnight + day * 86_400) * WallClock.nanosecondsPerSecond)
            do { try spending.open(maximum: Amount(amount), tokens: 1, terms) } catch { return false }
            spending.close(maximum: Amount(amount), tokens: 1, fee: Amount(amount), tokensUsed: 1)
            return true
        }
        #expect(spend(10, day: 0) && !spend(1, day: 0))
        #expect(spend(5, day: 1) && !spend(1, day: 1), "the month is used up")
        #expect(!spend(1, day: 2))
        #expect(spend(10, day: 3), "the first of December")
        #expect(spend(5, day: 4) && !spend(1, day: 40), "and nothing is left in all")
        #expect(!spend(1, day: 3), "a clock that goes back renews nothing")
    }

    @Test func requestsComeNoFasterThanTheirRate() throws {
        let terms = KeyTerms(requestsPerMinute: 2)
        var spending = Self.spending(terms)
        for _ in 0..<2 { try spending.open(maximum: .zero, tokens: 1, terms) }
        let refusal = Self.message { try spending.open(maximum: .zero, tokens: 1, terms) }
        #expect(refusal == "429 Rate limit reached for this key's requests per minute. Please try again in 30 s.")
        spending.update(terms, now: (Self.midnight + 30) * WallClock.nanosecondsPerSecond)
        try spending.open(maximum: .zero, tokens: 1, terms)
        #expect(throws: OpenAIError.keyRateExceeded("requests", 30)) {
            try spending.open(maximum: .zero, tokens: 1, terms)
        }
    }

    /// What was estimated is put right; a request that is larger than a minute's worth waits for a full bucket.
    @Test func tokensAreCountedAsTheyWereUsed() throws {
        let terms = KeyTerms(tokensPerMinute: 600)
        var spending = Self.spending(terms)
        try spending.open(maximum: .zero, tokens: 600, terms)
        #expect(throws: OpenAIError.keyRateExceeded("tokens", 1)) {
            try spending.open(maximum: .zero, tokens: 10, terms)
        }
        spending.close(maximum: .zero, tokens: 600, fee: .zero, tokensUsed: 100)
        #expect(spending.tokens?.remaining == 500)
        try spending.open(maximum: .zero, tokens: 500, terms)
        spending.close(maximum: .zero, tokens: 500, fee: .zero, tokensUsed: 1_100)
        #expect(spending.tokens?.remaining == 0)
        #expect(throws: OpenAIError.keyRateExceeded("tokens", 120)) {
            try spending.open(maximum: .zero, tokens: 9_999, terms)
        }
        spending.update(terms, now: (Self.midnight + 120) * WallClock.nanosecondsPerSecond)
        try spending.open(maximum: .zero, tokens: 9_999, terms)
    }

    /// However long nobody asked, and wherever the clock jumps: no more than a minute's worth is there at once.
    @Test(
        arguments: [
            [60], [600], [UInt64(1) << 33], [30, 90, 20, 50, 40, 100, 99, 60], [0, 0],
        ] as [[UInt64]])
    func noBucketHoldsMoreThanAMinutesWorth(seconds: [UInt64]) {
        var bucket = RateBucket(capacity: 60, now: 0)
        for second in seconds {
            bucket.fill(now: second * WallClock.nanosecondsPerSecond)
            #expect(bucket.remaining == 60)
        }
        var taken = 0
        while taken < 100, bucket.take(1) { taken += 1 }
        #expect(taken == 60)
        // What was taken too much is given back, and no more.
        bucket.fill(now: (1 << 34) * WallClock.nanosecondsPerSecond)
        bucket.correct(60, to: 0)
        #expect(bucket.remaining == 60)
    }

    @Test func aClockThatGoesBackFillsNothing() {
        var bucket = RateBucket(capacity: 60, now: 100 * WallClock.nanosecondsPerSecond)
        let isTaken = bucket.take(60)
        #expect(isTaken)
        // Back and forth over the same second: it counts once.
        for second in [99, 0, 101, 100, 50, 101] as [UInt64] {
            bucket.fill(now: second * WallClock.nanosecondsPerSecond)
        }
        #expect(bucket.remaining == 1)
    }

    @Test func aRefusalTakesNothing() throws {
        let terms = KeyTerms(dayBudget: Amount(5), requestsPerMinute: 1, tokensPerMinute: 10)
        var spending = Self.spending(terms)
        for _ in 0..<5 {
            #expect(throws: OpenAIError.self) { try spending.open(maximum: Amount(6), tokens: 1, terms) }
        }
        try spending.open(maximum: Amount(5), tokens: 10, terms)
        #expect((spending.reserved, spending.openRequests) == (Amount(5), 1))
    }
}
