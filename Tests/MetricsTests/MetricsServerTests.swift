import AsyncHTTPClient
import HTTPEdge
import Logging
import Metrics
import NIOCore
import NIOHTTP1
import PrometheusMetrics
import ScrapeReader
import Testing

/// The door on a real socket.
@Suite(.timeLimit(.minutes(1))) struct MetricsServerTests {
    private static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// Serves a registry on a free port for as long as `body` runs.
    private static func serving(
        _ registry: PrometheusRegistry, _ body: (_ port: Int) async throws -> Void
    ) async throws {
        let server = MetricsServer(address: EdgeServer.Address(port: 0), registry: registry, logger: silent)
        let (ports, bound) = AsyncStream<Int>.makeStream()
        let running = Task { try await server.run { bound.yield($0) } }
        defer { running.cancel() }
        for await port in ports { return try await body(port) }
    }

    private static func get(
        _ port: Int, _ path: String = "/metrics", headers: [String: String] = [:], method: HTTPMethod = .GET
    ) async throws -> (status: UInt, type: String?, body: String, origin: String?) {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)\(path)")
        request.method = method
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
        return (
            response.status.code, response.headers.first(name: "content-type"),
            String(buffer: try await response.body.collect(upTo: 4 << 20)),
            response.headers.first(name: "access-control-allow-origin")
        )
    }

    @Test("A scrape is the registry's text, with the format's content type")
    func scrape() async throws {
        let registry = PrometheusRegistry()
        let counter = Counter(label: "app_total", factory: registry)
        try await Self.serving(registry) { port in
            for count in 1...3 {
                counter.increment()
                let answer = try await Self.get(port)
                #expect(answer.status == 200)
                #expect(answer.type == "text/plain; version=0.0.4; charset=utf-8")
                #expect(try Scrape(answer.body).value("app_total") == Double(count))
            }
        }
    }

    @Test("Pages of elsewhere, other names and other paths get nothing")
    func guarded() async throws {
        let registry = PrometheusRegistry()
        Counter(label: "app_total", factory: registry).increment()
        let visits: [(path: String, headers: [String: String], method: HTTPMethod, status: UInt)] = [
            ("/metrics", ["host": "localhost"], .GET, 200), ("/metrics", ["host": "evil.example"], .GET, 403),
            ("/metrics", ["origin": "http://evil.example"], .GET, 403), ("/metrics", ["origin": "null"], .GET, 403),
            ("/", [:], .GET, 404), ("/metrics/x", [:], .GET, 404), ("/metrics", [:], .POST, 404),
        ]
        try await Self.serving(registry) { port in
            for visit in visits {
                let answer = try await Self.get(port, visit.path, headers: visit.headers, method: visit.method)
                #expect(answer.status == visit.status, "\(visit)")
                #expect(answer.body.contains("app_total") == (visit.status == 200))
                #expect(answer.origin == nil)
            }
        }
    }

    @Test("A port that is taken is told by its address")
    func taken() async throws {
        try await Self.serving(PrometheusRegistry()) { port in
            let address = EdgeServer.Address(port: port)
            let second = MetricsServer(address: address, registry: PrometheusRegistry(), logger: Self.silent)
            await #expect(throws: EdgeError.addressInUse(address)) { try await second.run() }
        }
    }
}
