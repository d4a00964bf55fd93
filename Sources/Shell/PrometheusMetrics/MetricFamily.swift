/// All series of one name, as they stand at one moment.
public struct MetricFamily: Equatable, Sendable {
    public enum Kind: String, Equatable, Sendable {
        /// Goes up only, but for a restart.
        case counter
        /// Goes up and down.
        case gauge
        /// Counts values by size.
        case histogram
    }

    /// What one series shows.
    public enum Reading: Equatable, Sendable {
        case value(Double)
        case histogram(HistogramReading)
    }

    public let name: MetricName
    public let kind: Kind
    /// One sentence for people; none where nobody wrote one.
    public let help: String?
    public let series: [LabelSet: Reading]

    public init(_ name: MetricName, _ kind: Kind, help: String?, series: [LabelSet: Reading]) {
        (self.name, self.kind, self.help, self.series) = (name, kind, help, series)
    }

    /// A family of one series without labels.
    public init(_ name: String, _ kind: Kind, help: String, value: Double) {
        self.init(MetricName(name), kind, help: help, series: [LabelSet(): .value(value)])
    }
}

/// What a histogram shows.
public struct HistogramReading: Equatable, Sendable {
    /// Upper bounds, included, ascending. Beyond the last one there is one bucket more.
    public let bounds: [Double]
    /// How many values fell into each bucket and into none before it; one more than bounds.
    public let counts: [UInt64]
    public let sum: Double

    public init(bounds: [Double], counts: [UInt64], sum: Double) {
        (self.bounds, self.counts, self.sum) = (bounds, counts, sum)
    }
}
