/// Order statistics of a sample.
struct Quantiles {
    private let sorted: [Double]

    init(_ values: [Double]) { sorted = values.sorted() }

    /// The middle; the mean of the two in the middle for an even count; 0 for an empty sample.
    var median: Double {
        guard !sorted.isEmpty else { return 0 }
        return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    }

    /// The value that 99 in 100 do not exceed.
    var p99: Double {
        guard !sorted.isEmpty else { return 0 }
        return sorted[min(sorted.count - 1, sorted.count * 99 / 100)]
    }
}

extension Duration {
    var milliseconds: Double { self / .milliseconds(1) }
}
