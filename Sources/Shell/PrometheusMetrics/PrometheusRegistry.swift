import CoreMetrics
import Synchronization

/// Counts what a process does, and tells it in Prometheus' text format: the backend of swift-metrics' recording API.
///
/// Handed to whoever measures, and not installed for the whole process: a process may have several, as tests do.
///
///     let registry = PrometheusRegistry(help: ["gonka_host_requests_total": "Requests by what came of them."])
///     let requests = Counter(label: "gonka_host_requests_total", dimensions: [("outcome", "answered")], factory: registry)
///     requests.increment()
///     registry.exposition()
///
/// Counters and gauges are what they are called; timers and recorders that aggregate are histograms, times in seconds.
/// Two with the same name and labels are one series. A series beyond the bounds, or of another kind than its name has already,
/// is not kept, and counted in `gonka_metrics_refused_series_total`.
public final class PrometheusRegistry: MetricsFactory {
    private struct Family {
        let kind: MetricFamily.Kind
        var cells: [LabelSet: any SeriesCell]
    }

    private struct State {
        var families: [MetricName: Family] = [:]
        var seriesCount = 0
        var refusedCount: UInt64 = 0
    }

    private let limits: Limits
    private let help: [MetricName: String]
    private let collectors: [any MetricCollector]
    private let state = Mutex(State())

    /// - Parameters:
    ///   - help: one sentence for each name; what has none goes without.
    ///   - collectors: looked at when somebody asks, as what they tell changes by itself.
    public init(help: [String: String] = [:], collectors: [any MetricCollector] = [], limits: Limits = Limits()) {
        self.limits = limits
        self.help = Dictionary(help.map { (MetricName($0.key), $0.value) }) { first, _ in first }
        self.collectors = collectors
    }

    /// Everything that is counted, as text.
    public func exposition() -> String { TextExposition.text(of: families) }

    private var families: [MetricFamily] {
        let (kept, refused) = state.withLock { ($0.families, $0.refusedCount) }
        let own = MetricFamily(
            "gonka_metrics_refused_series_total", .counter,
            help: "Series that were not kept: too many, or of two kinds.",
            value: Double(refused))
        return kept.map { name, family in
            MetricFamily(name, family.kind, help: help[name], series: family.cells.mapValues(\.reading))
        } + [own] + collectors.flatMap { $0.families() }
    }

    private func cell<Cell: SeriesCell>(
        _ label: String, _ dimensions: [(String, String)], _ kind: MetricFamily.Kind, _ make: (SeriesPlace) -> Cell
    ) -> Cell? {
        let place = SeriesPlace(
            name: MetricName(label), labels: LabelSet(dimensions, valueBytesMax: limits.labelValueBytesMax))
        return state.withLock { state in
            var family = state.families[place.name] ?? Family(kind: kind, cells: [:])
            if family.kind == kind {
                if let cell = family.cells[place.labels] { return cell as? Cell }
                if state.seriesCount < limits.seriesMax, dimensions.count <= limits.labelsMax {
                    let cell = make(place)
                    family.cells[place.labels] = cell
                    state.families[place.name] = family
                    state.seriesCount += 1
                    return cell
                }
            }
            state.refusedCount += 1
            return nil
        }
    }

    /// Forgets a series; whoever still counts in it counts for nobody.
    private func forget(_ handler: AnyObject) {
        guard let cell = handler as? any SeriesCell else { return }
        state.withLock { state in
            guard state.families[cell.place.name]?.cells[cell.place.labels] === cell else { return }
            state.families[cell.place.name]?.cells[cell.place.labels] = nil
            if state.families[cell.place.name]?.cells.isEmpty == true { state.families[cell.place.name] = nil }
            state.seriesCount -= 1
        }
    }
}

// What swift-metrics asks of a backend.
extension PrometheusRegistry {
    private static var nobody: NOOPMetricsHandler { .instance }

    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        cell(label, dimensions, .counter, CounterCell.init) ?? Self.nobody
    }

    public func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        cell(label, dimensions, .counter, CounterCell.init) ?? Self.nobody
    }

    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        cell(label, dimensions, .gauge, GaugeCell.init) ?? Self.nobody
    }

    public func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler {
        if aggregate { return cell(label, dimensions, .histogram, HistogramCell.init) ?? Self.nobody }
        return cell(label, dimensions, .gauge, GaugeCell.init) ?? Self.nobody
    }

    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        cell(label, dimensions, .histogram, HistogramCell.init) ?? Self.nobody
    }

    public func destroyCounter(_ handler: any CounterHandler) { forget(handler) }
    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { forget(handler) }
    public func destroyMeter(_ handler: any MeterHandler) { forget(handler) }
    public func destroyRecorder(_ handler: any RecorderHandler) { forget(handler) }
    public func destroyTimer(_ handler: any TimerHandler) { forget(handler) }
}

/// Tells what is only looked at when somebody asks.
public protocol MetricCollector: Sendable {
    /// What there is now; what cannot be read is left out.
    func families() -> [MetricFamily]
}
