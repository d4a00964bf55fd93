import Foundation

/// How often something happened, and what its probability may be.
public struct BinomialRate: Sendable, Equatable {
    /// How often it happened, in [0, total].
    public let count: Int
    public let total: Int

    public init(_ count: Int, of total: Int) {
        self.count = count
        self.total = total
    }

    /// How many of `values` satisfy `predicate`.
    public init<Values: Collection>(_ values: Values, where predicate: (Values.Element) -> Bool) {
        self.init(values.count(where: predicate), of: values.count)
    }

    /// 0 where nothing was tried.
    public var share: Double { total > 0 ? Double(count) / Double(total) : 0 }

    /// The exact interval of Clopper and Pearson: probabilities under which neither so few nor so many would be rarer than
    /// 2.5 %. It holds the true probability in at least 95 % of experiments; (0, 1) where nothing was tried.
    public var bounds: (low: Double, high: Double) {
        guard total > 0 else { return (0, 1) }
        let tail = (1 - BinomialRate.confidence) / 2
        let low = count == 0 ? 0 : root { 1 - atMost(count - 1, $0) >= tail }
        let high = count == total ? 1 : root { atMost(count, $0) <= tail }
        return (low, high)
    }

    /// What the bounds promise.
    public static let confidence = 0.95

    /// The probability of at most `limit` where each try succeeds with `probability` in (0, 1).
    private func atMost(_ limit: Int, _ probability: Double) -> Double {
        var logarithm = Double(total) * log1p(-probability)
        let odds = log(probability) - log1p(-probability)
        var sum = exp(logarithm)
        for step in 0..<limit {
            logarithm += log(Double(total - step) / Double(step + 1)) + odds
            sum += exp(logarithm)
        }
        return min(sum, 1)
    }

    /// Where a predicate that is false below and true above changes, in (0, 1).
    private func root(_ isAbove: (Double) -> Bool) -> Double {
        var (low, high) = (0.0, 1.0)
        // Each halving gives a bit.
        for _ in 0..<50 {
            let middle = (low + high) / 2
            if isAbove(middle) { high = middle } else { low = middle }
        }
        return (low + high) / 2
    }
}
