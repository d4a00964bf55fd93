import AsyncHTTPClient
import Cryptography
import HTTPEdge
import Logging
import NIOCore
import NIOHTTP1
import Primitives
import PrometheusMetrics
import ScrapeReader
import Testing

@testable import Gateway

/// What a gateway tells of itself, over HTTP while it serves.
@Suite(.timeLimit(.minutes(2))) struct GatewayMetricsTests {
    private static let requests = "gonka_gateway_requests_total"
    private static let attempts = "gonka_gateway_attempts_total"
    private static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// Serves a gateway and its metrics; `scrape` asks for the latter.
    private static func serving(
        _ hosts: some HostTransport,
        _ body:
            @Sendable (TestGateway, _ scrape: @Sendable () async throws -> (text: String, Scrape)) async throws -> Void
    ) async throws {
        let registry = PrometheusRegistry(help: GatewayMetrics.help)
        let server = MetricsServer(address: EdgeServer.Address(port: 0), registry: registry, logger: silent)
        let (ports, bound) = AsyncStream<Int>.makeStream()
        let running = Task { try await server.run { bound.yield($0) } }
        defer { running.cancel() }
        for await port in ports {
            return try await TestGateway.run(hosts, metrics: GatewayMetrics(registry)) { gateway in
                try await body(gateway) {
                    let response = try await HTTPClient.shared.execute(
                        HTTPClientRequest(url: "http://127.0.0.1:\(port)/metrics"), timeout: .seconds(30))
                    let text = String(buffer: try await response.body.collect(upTo: 1 << 20))
                    return (text, try Scrape(text))
                }
            }
        }
    }

    @Test("Requests by class and kind, attempts, times, sessions and coins")
    func requests() async throws {
        try await Self.serving(ScriptedHosts.honest) { gateway, scrape in
            #expect(try await scrape().1.value(Self.requests, ["status": "2xx", "streaming": "true"]) == 0)
            for streams in [false, true, true] {
                let answer = try await gateway.send(gateway.request(body: Fixtures.body(streams: streams)))
                #expect(answer.status == 200)
            }
            let refused = try await gateway.send(
                gateway.request(body: Fixtures.body(), headers: ["authorization": "Bearer sk-no"]))
            #expect(refused.status == 401)
            await gateway.settled()
            try await gateway.pool.upkeep()
            let scrape = try await scrape().1
            #expect(scrape.value(Self.requests, ["status": "2xx", "streaming": "false"]) == 1)
            #expect(scrape.value(Self.requests, ["status": "2xx", "streaming": "true"]) == 2)
            #expect(scrape.value(Self.requests, ["status": "4xx", "streaming": "false"]) == 1)
            #expect(scrape.sum(Self.requests) == 4)
            #expect(scrape.value(Self.attempts, ["outcome": "answered"]) == 3)
            #expect(scrape.sum(Self.attempts) == 3)
            #expect(scrape.value("gonka_gateway_time_to_first_token_seconds_count") == 3)
            #expect(scrape.value("gonka_gateway_request_duration_seconds_count") == 3)
            #expect(scrape.value("gonka_gateway_sessions_open") == 1)
            #expect(scrape.value("gonka_gateway_models_ready") == 1)
            #expect(scrape.value("gonka_gateway_requests_open") == 0)
            #expect(scrape.value("gonka_gateway_promised_gnk") == 0)
            var fees = Amount.zero
            for number in UInt8(1)...3 {
                fees = try fees.adding(await gateway.pool.account(TestHost(number))?.fees ?? .zero)
            }
            #expect(fees > .zero)
            #expect(abs((scrape.value("gonka_gateway_spent_gnk_total") ?? 0) - Double(fees.ngonka) / 1e9) < 1e-12)
            #expect(scrape.faults.isEmpty)
            #expect(scrape.undocumented.isEmpty)
        }
    }

    @Test("A host that cannot be reached is an attempt, and no request")
    func failover() async throws {
        // Host 1 has no script.
        let hosts = ScriptedHosts([2: ScriptedHosts.answer, 3: ScriptedHosts.answer])
        try await Self.serving(hosts) { gateway, scrape in
            let answer = try await gateway.send(gateway.request(body: Fixtures.body(streams: false)))
            #expect(answer.status == 200)
            let scrape = try await scrape().1
            #expect(scrape.value(Self.attempts, ["outcome": "unreachable"]) == 1)
            #expect(scrape.value(Self.attempts, ["outcome": "answered"]) == 1)
            #expect(scrape.sum(Self.requests) == 1)
        }
    }

    @Test("Without any host a request is the server's fault")
    func noHost() async throws {
        try await Self.serving(ScriptedHosts([:])) { gateway, scrape in
            let answer = try await gateway.send(gateway.request(body: Fixtures.body(streams: false)))
            #expect(answer.status == 503)
            let scrape = try await scrape().1
            #expect(scrape.value(Self.attempts, ["outcome": "unreachable"]) == 3)
            #expect(scrape.value(Self.requests, ["status": "5xx"]) == nil)
            #expect(scrape.value(Self.requests, ["status": "5xx", "streaming": "false"]) == 1)
            #expect(scrape.value("gonka_gateway_request_duration_seconds_count") == 0)
        }
    }

    @Test("A stream that a host breaks off is a broken answer, and no second attempt")
    func broken() async throws {
        let hosts = ScriptedHosts([
            1: { host, request in .breaking(after: Array(try HonestAnswer(host, to: request).events.prefix(2))) }
        ])
        try await Self.serving(hosts) { gateway, scrape in
            let answer = try await gateway.send(gateway.request(body: Fixtures.body(streams: true)))
            #expect(answer.status == 200)
            let scrape = try await scrape().1
            #expect(scrape.value(Self.requests, ["status": "broken", "streaming": "true"]) == 1)
            #expect(scrape.sum(Self.requests) == 1)
            #expect(scrape.value(Self.attempts, ["outcome": "answered"]) == 1)
            #expect(scrape.value("gonka_gateway_broken_streams_total", ["fault": "broken"]) == 1)
            #expect(scrape.sum("gonka_gateway_broken_streams_total") == 1)
            #expect(scrape.value("gonka_gateway_time_to_first_token_seconds_count") == 1)
            #expect(scrape.value("gonka_gateway_request_duration_seconds_count") == 0)
        }
    }

    @Test("A client that leaves is counted as that, and no host for it", arguments: [false, true])
    func leaving(hasBegun: Bool) async throws {
        let source = EventSource()
        let hosts = ScriptedHosts([1: { host, request in source.response(try HonestAnswer(host, to: request).events) }])
        try await Self.serving(hosts) { gateway, scrape in
            source.allow(hasBegun ? 2 : 0)
            let asking = Task {
                let response = try await HTTPClient.shared.execute(
                    gateway.request(body: Fixtures.body(streams: true)), timeout: .seconds(30))
                for try await _ in response.body {}
            }
            await source.waitForLooks(hasBegun ? 3 : 1)
            asking.cancel()
            _ = await asking.result
            await gateway.settled()
            while try await scrape().1.sum(Self.requests) == 0 { await Task.yield() }
            let scrape = try await scrape().1
            #expect(scrape.value(Self.requests, ["status": "cancelled", "streaming": "true"]) == 1)
            #expect(scrape.sum(Self.requests) == 1)
            #expect(scrape.value(Self.attempts, ["outcome": hasBegun ? "answered" : "cancelled"]) == 1)
            #expect(scrape.sum(Self.attempts) == 1)
            #expect(scrape.sum("gonka_gateway_broken_streams_total") == 0)
        }
    }

    @Test("No prompt, key, host or model comes into the metrics")
    func canary() async throws {
        let body = Bytes(
            #"{"model":"test-model","messages":[{"role":"user","content":"canary-prompt"}],"user":"canary-user"}"#.utf8)
        try await Self.serving(ScriptedHosts.honest) { gateway, scrape in
            _ = try await gateway.send(gateway.request(body: body))
            _ = try await gateway.send(
                gateway.request(body: body, headers: ["authorization": "Bearer canary-key"]))
            let text = try await scrape().text
            #expect(text.contains("gonka_gateway_requests_total{status=\"4xx\",streaming=\"false\"}"))
            for secret in ["canary", gateway.key, "test-model", TestHost(1).address.bech32, "Good day"] {
                #expect(!text.contains(secret))
            }
        }
    }
}
