/// A sample's order statistics.
public struct Distribution: Sendable, Equatable {
    private let sorted: [Double]

    /// - Parameter values: in any order; without NaN.
    public init(_ values: [Double]) { sorted = values.sorted() }

    public var count: Int { sorted.count }
    /// 0 for an empty sample, like all that follow.
    public var minimum: Double { sorted.first ?? 0 }
    public var maximum: Double { sorted.last ?? 0 }

    /// The middle; the mean of the two in the middle for an even count.
    public var median: Double {
        guard !sorted.isEmpty else { return 0 }
        return (sorted[(count - 1) / 2] + sorted[count / 2]) / 2
    }

    /// The smallest value that at least `share` of the sample does not exceed (nearest rank).
    ///
    /// - Parameter share: in (0, 1].
    public func quantile(_ share: Double) -> Double {
        guard !sorted.isEmpty else { return 0 }
        let rank = Int((share * Double(count)).rounded(.up))
        return sorted[min(max(rank, 1), count) - 1]
    }

    /// How many values are above `limit`.
    public func countAbove(_ limit: Double) -> Int { count - sorted.partitioningIndex { $0 > limit } }

    /// How many values are below `value`, and how many equal it.
    func position(of value: Double) -> (below: Int, equal: Int) {
        let below = sorted.partitioningIndex { $0 >= value }
        return (below, sorted.partitioningIndex { $0 > value } - below)
    }
}

extension [Double] {
    /// The first index whose element satisfies `predicate`, in an array where all such elements stand at the end.
    fileprivate func partitioningIndex(_ predicate: (Double) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if predicate(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
