import Primitives

/// What was used, by one key for one model on one day.
public struct Usage: Equatable, Sendable {
    /// Requests that were let in, answered or not.
    public var requests: UInt64 = 0
    public var promptTokens: UInt64 = 0
    /// Of the prompt tokens.
    public var cachedTokens: UInt64 = 0
    public var outputTokens: UInt64 = 0
    /// What was charged.
    public var fee = Amount.zero

    public init(
        requests: UInt64 = 0, promptTokens: UInt64 = 0, cachedTokens: UInt64 = 0, outputTokens: UInt64 = 0,
        fee: Amount = .zero
    ) {
        self.requests = requests
        self.promptTokens = promptTokens
        self.cachedTokens = cachedTokens
        self.outputTokens = outputTokens
        self.fee = fee
    }

    /// Both together; a count that would need more than 64 bits stays at the most.
    static func + (left: Usage, right: Usage) -> Usage {
        Usage(
            requests: left.requests.clamped(plus: right.requests),
            promptTokens: left.promptTokens.clamped(plus: right.promptTokens),
            cachedTokens: left.cachedTokens.clamped(plus: right.cachedTokens),
            outputTokens: left.outputTokens.clamped(plus: right.outputTokens), fee: left.fee.clamped(plus: right.fee))
    }
}

/// One line of a usage export.
public struct UsageLine: Equatable, Sendable {
    /// The key's name.
    public let key: String
    /// For example `2026-11-28`, in UTC.
    public let date: String
    public let model: String
    public let usage: Usage
}

extension UInt64 {
    func clamped(plus other: UInt64) -> UInt64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }

    func clamped(minus other: UInt64) -> UInt64 { self - Swift.min(self, other) }
}

extension Amount {
    func clamped(plus other: Amount) -> Amount { Amount(ngonka.clamped(plus: other.ngonka)) }
    func clamped(minus other: Amount) -> Amount { Amount(ngonka.clamped(minus: other.ngonka)) }
}
