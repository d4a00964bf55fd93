/// Where sums are kept.
protocol UsageStore: Sendable {
    /// Puts together what is older than anybody asks for by the day; called once, before everything else.
    func fold(on date: UTCDate) throws(GatewayError)

    /// What a key has spent on that day, in its month and in all, as far as it was added.
    func spending(of key: String, on date: UTCDate) throws(GatewayError) -> Spending

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
