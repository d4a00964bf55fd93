import Metrics
import PrometheusMetrics
import ScrapeReader
import Telemetry
import Testing

/// What is kept, and within which bounds.
@Suite struct RegistryTests {
    @Test("A timer is a histogram in seconds whose buckets are cumulative")
    func histogram() throws {
        let registry = PrometheusRegistry()
        let timer = Timer(label: "app_wait_seconds", dimensions: [("kind", "x")], factory: registry)
        timer.record(duration: .milliseconds(1))
        timer.record(duration: .milliseconds(2))
        timer.record(duration: .seconds(10))
        timer.record(duration: .seconds(5_000))
        timer.record(duration: .seconds(-1))
        let scrape = try Scrape(registry.exposition())
        #expect(scrape.types["app_wait_seconds"] == "histogram")
        #expect(scrape.faults.isEmpty)
        let counts: [(String, Double)] = [
            ("0.001", 1), ("0.0025", 2), ("5", 2), ("10", 3), ("1200", 3), ("+Inf", 4),
        ]
        for (bound, count) in counts {
            #expect(scrape.value("app_wait_seconds_bucket", ["kind": "x", "le": bound]) == count, "\(bound)")
        }
        #expect(scrape.value("app_wait_seconds_count") == 4)
        #expect(abs((scrape.value("app_wait_seconds_sum") ?? 0) - 5_010.003) < 1e-6)
    }

    @Test("A recorder is a histogram of its values, or a gauge where it does not aggregate")
    func recorders() throws {
        let registry = PrometheusRegistry()
        Recorder(label: "app_sizes", factory: registry).record(7)
        Recorder(label: "app_sizes", factory: registry).record(0.3)
        Gauge(label: "app_level", factory: registry).record(7)
        Gauge(label: "app_level", factory: registry).record(5)
        let scrape = try Scrape(registry.exposition())
        #expect(scrape.value("app_sizes_bucket", ["le": "0.5"]) == 1)
        #expect(scrape.value("app_sizes_bucket", ["le": "10"]) == 2)
        #expect(scrape.value("app_sizes_sum") == 7.3)
        #expect(scrape.value("app_level") == 5)
        #expect(scrape.types == ["app_sizes": "histogram", "app_level": "gauge", Self.refused: "counter"])
    }

    private static let refused = "gonka_metrics_refused_series_total"

    @Test("A counter never goes down, and a meter goes both ways")
    func directions() throws {
        let registry = PrometheusRegistry()
        let counter = Counter(label: "app_total", factory: registry)
        counter.increment(by: 5)
        counter.increment(by: -2)
        let coins = FloatingPointCounter(label: "app_coins_total", factory: registry)
        for amount in [1.5, -1, .nan, .infinity] { coins.increment(by: amount) }
        let meter = Meter(label: "app_depth", factory: registry)
        meter.set(5)
        meter.increment(by: 2)
        meter.decrement(by: 10)
        let scrape = try Scrape(registry.exposition())
        #expect(scrape.value("app_total") == 5)
        #expect(scrape.value("app_coins_total") == 1.5)
        #expect(scrape.value("app_depth") == -3)
    }

    @Test("More series than the bound are not kept, but counted; one that goes makes room")
    func bound() throws {
        var limits = Limits()
        limits.seriesMax = 10
        let registry = PrometheusRegistry(limits: limits)
        let counters = (0..<25).map { Counter(label: "app_total", dimensions: [("id", "\($0)")], factory: registry) }
        for counter in counters { counter.increment() }
        var scrape = try Scrape(registry.exposition())
        #expect(scrape.sum("app_total") == 10)
        #expect(scrape.value(Self.refused) == 15)
        // What was kept goes on counting.
        counters[0].increment()
        counters[1].destroy()
        counters[24].destroy()
        Counter(label: "app_total", dimensions: [("id", "new")], factory: registry).increment()
        Counter(label: "app_total", dimensions: [("id", "newer")], factory: registry).increment()
        scrape = try Scrape(registry.exposition())
        #expect(scrape.value("app_total", ["id": "0"]) == 2)
        #expect(scrape.value("app_total", ["id": "new"]) == 1)
        #expect(scrape.samples.count == 11)
        #expect(scrape.value(Self.refused) == 16)
    }

    @Test("Labels are bounded, in number and in length")
    func labels() throws {
        let registry = PrometheusRegistry()
        let many = (0..<9).map { ("l\($0)", "v") }
        Counter(label: "app_many_total", dimensions: many, factory: registry).increment()
        let long = String(repeating: "é", count: 100)
        Counter(label: "app_long_total", dimensions: [("text", long)], factory: registry).increment()
        let scrape = try Scrape(registry.exposition())
        #expect(scrape.value("app_many_total") == nil)
        #expect(scrape.value(Self.refused) == 1)
        #expect(scrape.samples.first?.labels["text"] == String(repeating: "é", count: 64))
    }

    @Test("A name is of one kind")
    func kinds() throws {
        let registry = PrometheusRegistry()
        Counter(label: "app_thing", factory: registry).increment()
        Meter(label: "app_thing", dimensions: [("x", "y")], factory: registry).set(7)
        Timer(label: "app_thing", factory: registry).recordSeconds(1)
        let scrape = try Scrape(registry.exposition())
        #expect(scrape.types["app_thing"] == "counter")
        #expect(scrape.value("app_thing") == 1)
        #expect(scrape.value(Self.refused) == 2)
    }

    @Test("Who counts the same series counts together, from any thread, while somebody reads")
    func threads() async throws {
        let registry = PrometheusRegistry()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<1_000 {
                        Counter(label: "app_total", factory: registry).increment()
                        Timer(label: "app_wait_seconds", factory: registry).recordSeconds(1)
                    }
                    let scrape = try Scrape(registry.exposition())
                    #expect(scrape.faults.isEmpty)
                }
            }
            try await group.waitForAll()
        }
        let scrape = try Scrape(registry.exposition())
        #expect(scrape.value("app_total") == 8_000)
        #expect(scrape.value("app_wait_seconds_sum") == 8_000)
    }

    @Test("Several parts of one process are told apart by a label that swift-metrics adds")
    func parts() throws {
        let registry = PrometheusRegistry()
        for part in ["host-1", "host-2"] {
            let factory = registry.withLabelAndDimensionsMapping { ($0, $1 + [("host", part)]) }
            LabelledCounter<Outcome>("app_total", by: "outcome", factory: factory).increment(.good, by: 2)
        }
        let scrape = try Scrape(registry.exposition())
        for part in ["host-1", "host-2"] {
            #expect(scrape.value("app_total", ["host": part, "outcome": "good"]) == 2)
            #expect(scrape.value("app_total", ["host": part, "outcome": "bad"]) == 0)
        }
    }

    private enum Outcome: String, CaseIterable, Sendable { case good, bad }
}
