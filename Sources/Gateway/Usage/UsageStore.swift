/// Where sums are kept.
protocol UsageStore: Sendable {
    /// What the keys have spent, on that day, in its month and in all. Only keys that may have a budget of more than a day, and
    /// those that spent something on that day, matter; of more than `countMax` those with the newest spending are taken.
    func spendings(on date: UTCDate, countMax: Int) throws(GatewayError) -> [String: Spending]

    /// Adds to the sums; when this returns, that survives a crash.
    func add(_ lines: [UsageBook.Line: Usage]) throws(GatewayError)

    /// Ascending by date, key and model.
    func lines(_ query: UsageQuery) throws(GatewayError) -> [UsageLine]
}

/// Which sums are wanted.
public struct UsageQuery: Equatable, Sendable {
    /// The first and last day, as `2026-11-28`; nil for no bound.
    public var from: String?
    public var to: String?
    /// The name of a key; nil for all.
    public var key: String?

    public init(from: String? = nil, to: String? = nil, key: String? = nil) {
        self.from = from
        self.to = to
        self.key = key
    }
}
