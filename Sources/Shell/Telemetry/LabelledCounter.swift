import Metrics

/// A metric's label whose values are known beforehand, and few: never a name, a key or a text that somebody sent.
public typealias MetricLabel = CaseIterable & Hashable & RawRepresentable<String> & Sendable

/// One counter for each value of a label. All exist from the start, so that a rate over something that never happened is zero
/// and not nothing.
public struct LabelledCounter<Label: MetricLabel>: Sendable {
    private let counters: [Label: Counter]

    /// - Parameters:
    ///   - name: by the backend's rules, for example `gonka_host_requests_total`.
    ///   - label: what the values are of, for example `outcome`.
    ///   - others: labels that all have in common.
    public init(
        _ name: String, by label: String, _ others: [(String, String)] = [], factory: any MetricsFactory
    ) {
        counters = Dictionary(
            uniqueKeysWithValues: Label.allCases.map {
                ($0, Counter(label: name, dimensions: others + [(label, $0.rawValue)], factory: factory))
            })
    }

    public func increment(_ value: Label, by amount: Int = 1) { counters[value]?.increment(by: amount) }
}
