import CoreMetrics
import Synchronization

/// Where one series is counted. Safe from any thread; what is read was true at one moment.
protocol SeriesCell: AnyObject, Sendable {
    /// Which series it is.
    var place: SeriesPlace { get }
    var reading: MetricFamily.Reading { get }
}

/// A series' name and labels.
struct SeriesPlace: Hashable, Sendable {
    let name: MetricName
    let labels: LabelSet
}

/// Whole and fractional counts alike; whole ones are exact up to 2^53.
final class CounterCell: SeriesCell, CounterHandler, FloatingPointCounterHandler {
    let place: SeriesPlace
    private let total = Mutex(0.0)

    init(_ place: SeriesPlace) { self.place = place }

    var reading: MetricFamily.Reading { .value(total.withLock { $0 }) }

    func increment(by amount: Int64) { increment(by: Double(amount)) }

    /// What is negative, or no number, is left out: a counter that goes down looks like a restart.
    func increment(by amount: Double) { if amount > 0, amount.isFinite { total.withLock { $0 += amount } } }

    func reset() { total.withLock { $0 = 0 } }
}

final class GaugeCell: SeriesCell, MeterHandler, RecorderHandler {
    let place: SeriesPlace
    private let value = Mutex(0.0)

    init(_ place: SeriesPlace) { self.place = place }

    var reading: MetricFamily.Reading { .value(value.withLock { $0 }) }

    func set(_ new: Int64) { set(Double(new)) }
    func set(_ new: Double) { value.withLock { $0 = new } }
    func increment(by amount: Double) { value.withLock { $0 += amount } }
    func decrement(by amount: Double) { value.withLock { $0 -= amount } }
    func record(_ new: Int64) { set(new) }
    func record(_ new: Double) { set(new) }
}

/// Times in seconds, or other values as they come, by fixed bounds.
final class HistogramCell: SeriesCell, TimerHandler, RecorderHandler {
    /// From a millisecond to twenty minutes, which is the longest answer.
    static let bounds: [Double] = [
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1_200,
    ]

    private struct State {
        var counts = [UInt64](repeating: 0, count: HistogramCell.bounds.count + 1)
        var sum = 0.0
    }

    let place: SeriesPlace
    private let state = Mutex(State())

    init(_ place: SeriesPlace) { self.place = place }

    var reading: MetricFamily.Reading {
        let state = state.withLock { $0 }
        return .histogram(HistogramReading(bounds: Self.bounds, counts: state.counts, sum: state.sum))
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }

    func record(_ value: Int64) { record(Double(value)) }

    /// What is negative, or no number, is left out: the sum must not go down.
    func record(_ value: Double) {
        guard value >= 0, value.isFinite else { return }
        let bucket = Self.bounds.firstIndex { value <= $0 } ?? Self.bounds.count
        state.withLock { state in
            state.counts[bucket] += 1
            state.sum += value
        }
    }
}
