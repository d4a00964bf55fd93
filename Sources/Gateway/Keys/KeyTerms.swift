import Primitives

/// What a key may do. Everything is optional; a key without terms may spend what the gateway has.
public struct KeyTerms: Equatable, Sendable {
    /// What may be spent from one midnight (UTC) to the next.
    public var dayBudget: Amount?
    /// What may be spent in one calendar month (UTC).
    public var monthBudget: Amount?
    /// What may be spent in all.
    public var totalBudget: Amount?
    /// At least 1.
    public var requestsPerMinute: UInt64?
    /// Of prompt and output together; at least 1.
    public var tokensPerMinute: UInt64?
    /// Ids of the models that may be asked for; empty for all.
    public var models: [String]
    /// Seconds since 1970-01-01 UTC from which on the key is refused.
    public var expiry: UInt64?
    /// The routing policy of its requests; nil for the gateway's own.
    public var policy: String?
    public var isDisabled: Bool

    public init(
        dayBudget: Amount? = nil, monthBudget: Amount? = nil, totalBudget: Amount? = nil,
        requestsPerMinute: UInt64? = nil, tokensPerMinute: UInt64? = nil, models: [String] = [],
        expiry: UInt64? = nil, policy: String? = nil, isDisabled: Bool = false
    ) {
        self.dayBudget = dayBudget
        self.monthBudget = monthBudget
        self.totalBudget = totalBudget
        self.requestsPerMinute = requestsPerMinute
        self.tokensPerMinute = tokensPerMinute
        self.models = models
        self.expiry = expiry
        self.policy = policy
        self.isDisabled = isDisabled
    }

    /// The first second of a day that is written as `2027-01-31`, in UTC; nil where that is no day.
    public static func seconds(ofDay text: String) -> UInt64? { UTCDate(text).map { $0.day * UTCDate.secondsPerDay } }

    /// Whether a model may be asked for.
    func allows(model: String) -> Bool {
        models.isEmpty || models.contains { $0.utf8.elementsEqual(model.utf8) }
    }
}
