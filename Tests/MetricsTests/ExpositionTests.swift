import Metrics
import PrometheusMetrics
import ScrapeReader
import Testing

/// The text format, byte for byte and as another program reads it.
@Suite struct ExpositionTests {
    @Test("The same counts are the same bytes, whatever came first")
    func golden() throws {
        let help = [
            "app_requests_total": "Requests.", "app_depth": "How deep.\nAnd \\ what else.",
            "app_wait_seconds": "Waiting.",
        ]
        let registries = [false, true].map { isReversed in
            let registry = PrometheusRegistry(help: help)
            let steps = Self.steps(registry)
            for step in isReversed ? steps.reversed() : steps { step() }
            return registry
        }
        let text = """
            # TYPE app_coins_total counter
            app_coins_total 0.25
            # HELP app_depth How deep.\\nAnd \\\\ what else.
            # TYPE app_depth gauge
            app_depth -1.5
            # HELP app_requests_total Requests.
            # TYPE app_requests_total counter
            app_requests_total{kind="a",outcome="ok"} 1
            app_requests_total{kind="b",outcome="ok"} 3
            # HELP gonka_metrics_refused_series_total Series that were not kept: too many, or of two kinds.
            # TYPE gonka_metrics_refused_series_total counter
            gonka_metrics_refused_series_total 0

            """
        for registry in registries { #expect(registry.exposition() == text) }
    }

    private static func steps(_ registry: PrometheusRegistry) -> [() -> Void] {
        func requests(_ labels: [(String, String)]) -> Counter {
            Counter(label: "app_requests_total", dimensions: labels, factory: registry)
        }
        return [
            { requests([("outcome", "ok"), ("kind", "b")]).increment(by: 3) },
            { requests([("kind", "a"), ("outcome", "ok")]).increment() },
            { Meter(label: "app_depth", factory: registry).set(-1.5) },
            { FloatingPointCounter(label: "app_coins_total", factory: registry).increment(by: 0.25) },
        ]
    }

    @Test(
        "Any text may be a label's value, and none ends its line",
        arguments: [
            "", "plain", "\"", "\\", "\n", "\r\n", "\\n", "a\"b\\c\nd", "{le=\"1\"} 7\n# TYPE x counter", "é\u{301}🦀",
            "\u{0}\u{1b}",
        ])
    func escaping(value: String) throws {
        let registry = PrometheusRegistry()
        Counter(label: "app_total", dimensions: [("what", value)], factory: registry).increment()
        let scrape = try Scrape(registry.exposition())
        let sample = try #require(scrape.samples.first { $0.name == "app_total" })
        // Swift takes two spellings of a character for one; bytes must be the same here.
        #expect(Array((sample.labels["what"] ?? "?").utf8) == Array(value.utf8))
        #expect(scrape.samples.count == 2)
        #expect(scrape.faults.isEmpty)
    }

    @Test("Names become ones that the format takes")
    func names() throws {
        let registry = PrometheusRegistry()
        let labels = [("le", "x"), ("__own", "y"), ("9a-b:c", "z"), ("", "w"), ("twice", "1"), ("twice", "2")]
        Counter(label: "9 app.requests-total:é", dimensions: labels, factory: registry).increment()
        let scrape = try Scrape(registry.exposition())
        let sample = try #require(scrape.samples.first)
        #expect(sample.name == "__app_requests_total:_")
        #expect(
            sample.labels == ["_le": "x", "_own": "y", "_a_b_c": "z", "_": "w", "twice": "1"])
    }

    @Test("Numbers that are none have their words")
    func numbers() throws {
        let values: [(Double, String)] = [
            (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"), (0, "0"), (1e21, "1e+21"), (0.1, "0.1"),
            (-3, "-3"), (9_007_199_254_740_991, "9007199254740991"),
        ]
        for (value, text) in values {
            let family = MetricFamily("x", .gauge, help: "y", value: value)
            #expect(TextExposition.text(of: [family]).hasSuffix("\nx \(text)\n"))
        }
    }
}
