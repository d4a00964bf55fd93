import Primitives

/// The value in the middle of a population in which each counts by its weight.
public enum WeightedMedian {
    /// The smallest value such that those up to it hold at least half of all weight; nil where nobody has weight. O(n log n).
    public static func of(_ values: [(value: UInt64, weight: UInt64)]) -> UInt64? {
        let sorted = values.filter { $0.weight > 0 }.sorted { $0.value < $1.value }
        let total = sorted.reduce(UInt128(0)) { $0 + UInt128($1.weight) }
        var below: UInt128 = 0
        for entry in sorted {
            below += UInt128(entry.weight)
            if below >= total - below { return entry.value }
        }
        return nil
    }
}
