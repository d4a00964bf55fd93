import AsyncHTTPClient
import Cryptography
import EngineAPI
import HTTPEdge
import Messages
import NIOCore
import NIOHTTP1
import PrometheusMetrics
import ProtocolRules
import ScrapeReader
import StubEngine
import Testing

@testable import HostRoles

/// What a host tells of itself, over HTTP while it serves.
@Suite(.timeLimit(.minutes(2))) struct HostMetricsTests {
    private static let requests = "gonka_host_requests_total"

    /// Serves a host and its metrics; `scrape` asks for the latter.
    private static func serving(
        engine: any Engine = ScriptedEngine(model: "test-model", answer: "Hello there"),
        _ body: (HostScene, HostClient, _ scrape: @Sendable () async throws -> (text: String, Scrape)) async throws ->
            Void
    ) async throws {
        let registry = PrometheusRegistry(help: HostMetrics.help)
        let scene = try await HostScene(engine: engine, metrics: HostMetrics(registry))
        let server = MetricsServer(
            address: EdgeServer.Address(port: 0), registry: registry, logger: scene.logger)
        let (ports, bound) = AsyncStream<Int>.makeStream()
        let running = Task { try await server.run { bound.yield($0) } }
        defer { running.cancel() }
        for await port in ports {
            return try await ServerTests.serving(scene) { client in
                try await body(scene, client) {
                    let answer = try await HostClient(url: "http://127.0.0.1:\(port)").get("/metrics")
                    let text = String(decoding: answer.body, as: UTF8.self)
                    return (text, try Scrape(text))
                }
            }
        }
    }

    @Test("Requests by what came of them, tokens, times, and the ledger in sight")
    func answers() async throws {
        try await Self.serving { scene, client, scrape in
            #expect(try await scrape().1.value(Self.requests, ["outcome": "answered"]) == 0)
            let voucher = VoucherHeader.text(await scene.voucher())
            #expect(try await client.post(HostScene.question, voucher: voucher).status == 200)
            // From store: no token is made, and none is counted.
            #expect(try await client.post(HostScene.question, voucher: voucher).status == 200)
            #expect(try await client.post(HostScene.question, voucher: nil).status == 402)
            let streamed = #"{"model":"test-model","messages":[{"role":"user","content":"Hi"}],"stream":true}"#
            let second = VoucherHeader.text(await scene.voucher(streamed, sequence: 2))
            #expect(try await client.post(streamed, voucher: second).status == 200)
            let scrape = try await scrape().1
            #expect(scrape.value(Self.requests, ["outcome": "answered"]) == 3)
            #expect(scrape.value(Self.requests, ["outcome": "refused"]) == 1)
            #expect(scrape.sum(Self.requests) == 4)
            #expect(scrape.value("gonka_host_time_to_first_token_seconds_count") == 3)
            #expect(scrape.value("gonka_host_request_duration_seconds_count") == 3)
            var (prompt, output) = (0.0, 0.0)
            for number in UInt64(1)...2 {
                let item = try #require(try await scene.store.item(1, number: number)).item
                (prompt, output) = (prompt + Double(item.promptTokens), output + Double(item.outputTokens))
            }
            #expect(scrape.value("gonka_host_prompt_tokens_total") == prompt)
            #expect(scrape.value("gonka_host_generation_tokens_total") == output)
            #expect(scrape.value("gonka_host_ledger_height") == Double(try await scene.view.current().height))
            #expect(scrape.value("gonka_host_ledger_reachable") == 1)
            #expect(scrape.faults.isEmpty)
            #expect(scrape.undocumented.isEmpty)
        }
    }

    @Test("What runs and what waits is seen while it does, and a client that leaves is counted as that")
    func load() async throws {
        let turnstile = Turnstile()
        let engine = ScriptedEngine(model: "test-model", answer: "Hello there") { _ in try await turnstile.pass() }
        try await Self.serving(engine: engine) { scene, client, scrape in
            let voucher = VoucherHeader.text(await scene.voucher())
            let asking = Task { try await client.post(HostScene.question, voucher: voucher) }
            await turnstile.waitForArrivals(1)
            let busy = try await scrape().1
            #expect(busy.value("gonka_host_requests_running") == 1)
            #expect(busy.value("gonka_host_requests_waiting") == 0)
            #expect(busy.value("gonka_host_requests_capacity") == 64)
            #expect(busy.sum(Self.requests) == 0)
            asking.cancel()
            _ = await asking.result
            await scene.executor.load.waitUntilIdle()
            while try await scrape().1.sum(Self.requests) == 0 { await Task.yield() }
            let idle = try await scrape().1
            #expect(idle.value(Self.requests, ["outcome": "cancelled"]) == 1)
            #expect(idle.value("gonka_host_requests_running") == 0)
            #expect(idle.value("gonka_host_generation_tokens_total") == 0)
            #expect(idle.value("gonka_host_request_duration_seconds_count") == 0)
        }
    }

    @Test("A client that leaves a stream in the middle is counted as that, its tokens too")
    func leaving() async throws {
        let turnstile = Turnstile()
        let engine = ScriptedEngine(model: "test-model", answer: "Hello there") { _ in try await turnstile.pass() }
        let body = #"{"model":"test-model","messages":[{"role":"user","content":"Hi"}],"stream":true}"#
        try await Self.serving(engine: engine) { scene, client, scrape in
            let voucher = VoucherHeader.text(await scene.voucher(body))
            let asking = Task { try await client.post(body, voucher: voucher) }
            await turnstile.admit(3)
            await turnstile.waitForArrivals(4)
            asking.cancel()
            _ = await asking.result
            await scene.executor.load.waitUntilIdle()
            while try await scrape().1.sum(Self.requests) == 0 { await Task.yield() }
            let scrape = try await scrape().1
            #expect(scrape.value(Self.requests, ["outcome": "cancelled"]) == 1)
            #expect(scrape.sum(Self.requests) == 1)
            #expect(scrape.value("gonka_host_generation_tokens_total") == 3)
            #expect(scrape.value("gonka_host_time_to_first_token_seconds_count") == 1)
        }
    }

    @Test("A ledger that does not answer is out of reach until it does")
    func silence() async throws {
        try await Self.serving { scene, _, scrape in
            let height = Double(try await scene.view.current().height)
            await scene.ledger.fail(1)
            _ = try? await scene.view.refresh()
            #expect(try await scrape().1.value("gonka_host_ledger_reachable") == 0)
            #expect(try await scrape().1.value("gonka_host_ledger_height") == height)
            try await scene.view.refresh()
            #expect(try await scrape().1.value("gonka_host_ledger_reachable") == 1)
        }
    }

    @Test("An engine that fails in mid-stream, and a host that stops, are told apart")
    func failures() async throws {
        let engine = ScriptedEngine(model: "test-model", answer: "Hello there") { position in
            if position == 3 { throw EngineError.failed(reason: "no matter") }
        }
        let body = #"{"model":"test-model","messages":[{"role":"user","content":"Hi"}],"stream":true}"#
        try await Self.serving(engine: engine) { scene, client, scrape in
            let voucher = VoucherHeader.text(await scene.voucher(body))
            #expect(try await client.post(body, voucher: voucher).status == 200)
            scene.executor.load.drain()
            #expect(try await client.post(body, voucher: voucher).status == 503)
            let scrape = try await scrape().1
            #expect(scrape.value(Self.requests, ["outcome": "failed"]) == 1)
            #expect(scrape.value(Self.requests, ["outcome": "overloaded"]) == 1)
            #expect(scrape.sum(Self.requests) == 2)
            #expect(scrape.value("gonka_host_time_to_first_token_seconds_count") == 1)
            #expect(scrape.value("gonka_host_request_duration_seconds_count") == 0)
        }
    }

    @Test("Claims and duties are counted by what the ledger said")
    func claims() async throws {
        try await Self.serving { scene, _, scrape in
            try await scene.ask()
            try await scene.settle(1)
            let scrape = try await scrape().1
            #expect(scrape.value("gonka_host_claims_total", ["round": "serving", "outcome": "accepted"]) == 1)
            #expect(scrape.sum("gonka_host_claims_total", ["outcome": "refused"]) == 0)
            #expect(
                scrape.value("gonka_host_duties_total", ["message": "MsgCommitClaim", "outcome": "accepted"]) == 1)
        }
    }

    @Test("Samples are counted by stage and finding")
    func audits() throws {
        let registry = PrometheusRegistry()
        let metrics = HostMetrics(registry)
        metrics.audited(.audit, .scored)
        metrics.audited(.appeal, .cannotCheck)
        metrics.sent("/gonka.v1.MsgBeacon", nil)
        metrics.ledgerIsSilent()
        let scrape = try Scrape(registry.exposition())
        #expect(scrape.value("gonka_host_audits_total", ["stage": "audit", "finding": "scored"]) == 1)
        #expect(scrape.value("gonka_host_audits_total", ["stage": "appeal", "finding": "cannot_check"]) == 1)
        #expect(scrape.sum("gonka_host_audits_total") == 2)
        #expect(scrape.value("gonka_host_duties_total", ["message": "MsgBeacon", "outcome": "lost"]) == 1)
        #expect(scrape.value("gonka_host_ledger_reachable") == 0)
    }

    @Test("No prompt, answer or voucher comes into the metrics")
    func canary() async throws {
        let engine = ScriptedEngine(model: "test-model", answer: "canary-answer")
        let body =
            #"{"model":"test-model","messages":[{"role":"user","content":"canary-prompt"}],"user":"canary-user"}"#
        try await Self.serving(engine: engine) { scene, client, scrape in
            let voucher = VoucherHeader.text(await scene.voucher(body))
            #expect(try await client.post(body, voucher: voucher).status == 200)
            #expect(try await client.post("{canary-body", voucher: "canary-voucher").status == 400)
            let text = try await scrape().text
            #expect(text.contains("gonka_host_requests_total{outcome=\"answered\"} 1\n"))
            for secret in ["canary", voucher, scene.identity.address.bech32, "test-model"] {
                #expect(!text.contains(secret))
            }
        }
    }
}
