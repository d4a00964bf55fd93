import AsyncHTTPClient
import Cryptography
import EngineAPI
import HTTPEdge
import LedgerClient
import Logging
import Messages
import NIOCore
import OpenAIWire
import Primitives
import ProtocolRules
import ServiceLifecycle
import StubEngine
import TestSupport
import Testing
import WireFormat

@testable import HostRoles
@testable import HostServer

@Suite("The host's HTTP server")
struct ServerTests {
    /// Serves a scene's host on a free port for as long as `body` runs.
    static func serving(
        _ scene: HostScene, bodies: BodyBudget = BodyBudget(), _ body: (HostClient) async throws -> Void
    ) async throws {
        let routes = HostRoutes(
            identity: scene.identity, executor: scene.executor, registry: scene.registry,
            desk: scene.duties.auditDesk, witnesses: scene.witnesses, view: scene.view,
            engine: scene.engine.capabilities, startedSeconds: HostScene.wallSeconds, bodies: bodies)
        let address = EdgeServer.Address(port: 0)
        let server = EdgeServer(
            address: address,
            router: routes.router(guardedBy: OriginGuard(address, publicURL: "https://Host.example/x")),
            logger: scene.logger)
        let (ports, bound) = AsyncStream<Int>.makeStream()
        let running = Task { try await server.run { bound.yield($0) } }
        defer { running.cancel() }
        for await port in ports {
            return try await body(HostClient(url: "http://127.0.0.1:\(port)"))
        }
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var body = HostScene.question
        var voucher: @Sendable (inout Voucher) -> Void = { _ in }
        var header: @Sendable (String) -> String? = { $0 }
        var contentType = "application/json"
        var encoding: String?
        let status: UInt
        let code: OpenAIErrorCode

        init(_ name: String, _ status: UInt, _ code: OpenAIErrorCode, _ change: (inout Case) -> Void) {
            (testDescription, self.status, self.code) = (name, status, code)
            change(&self)
        }
    }

    static let cases: [Case] = [
        Case("no voucher", 402, .voucherRequired) { $0.header = { _ in nil } },
        Case("no voucher and a malformed body", 402, .voucherRequired) {
            $0.header = { _ in nil }
            $0.body = "{"
        },
        Case("a voucher that is no base64", 400, .voucherInvalid) { $0.header = { _ in "%%%" } },
        Case("a voucher that is not canonical", 400, .voucherInvalid) { $0.header = { _ in "AAAA" } },
        Case("a cut voucher", 400, .voucherInvalid) { $0.header = { String($0.dropLast(4)) } },
        Case("a changed signature", 401, .voucherSignatureInvalid) {
            $0.header = { text in String(text.dropLast(8)) + "AAAA" + text.suffix(4) }
        },
        Case("another chain", 400, .voucherInvalid) { $0.voucher = { $0.chainID = "gonka-swift-other-1" } },
        Case("an unknown session", 404, .sessionNotFound) { $0.voucher = { $0.session = 99 } },
        Case("another body", 400, .voucherDigestMismatch) { $0.voucher = { $0.requestDigest = .zero } },
        Case("a voucher from long ago", 400, .voucherTooOld) {
            $0.voucher = { $0.height = 0 }
        },
        Case("over the allotment", 402, .allotmentExceeded) { $0.voucher = { $0.amount = Amount(1_000_000_001) } },
        Case("too little", 402, .voucherAmountTooLow) { $0.voucher = { $0.amount = Amount(1) } },
        Case("a form", 415, .unsupportedMediaType) { $0.contentType = "application/x-www-form-urlencoded" },
        Case("another charset", 415, .unsupportedMediaType) { $0.contentType = "application/json; charset=latin1" },
        Case("a compressed body", 415, .unsupportedMediaType) { $0.encoding = "gzip" },
        Case("malformed JSON", 400, .invalidJSON) { $0.body = #"{"model":"# },
        Case("an unknown model", 404, .modelNotFound) {
            $0.body = #"{"model":"gpt-x","messages":[{"role":"user","content":"Hi"}]}"#
        },
        Case("an unknown parameter", 400, .unknownParameter) {
            $0.body = #"{"model":"test-model","messages":[{"role":"user","content":"Hi"}],"best_of":9}"#
        },
        Case("a prompt that does not fit", 400, .contextLengthExceeded) {
            $0.body = #"{"model":"test-model","messages":[{"role":"user","content":"Hi"}],"max_tokens":5000}"#
        },
        Case("a stream that cannot begin", 400, .contextLengthExceeded) {
            $0.body =
                #"{"model":"test-model","messages":[{"role":"user","content":"Hi"}],"max_tokens":5000,"stream":true}"#
        },
    ]

    @Test("Each refusal has its status, and OpenAI's shape")
    func refusals() async throws {
        let scene = try await HostScene()
        try await scene.advance(to: 25)
        try await Self.serving(scene) { client in
            for example in Self.cases {
                let voucher = await scene.voucher(example.body, change: example.voucher)
                let answer = try await client.post(
                    example.body, voucher: example.header(VoucherHeader.text(voucher)),
                    contentType: example.contentType, encoding: example.encoding)
                #expect(answer.status == example.status, "\(example)")
                #expect(answer.contentType == "application/json", "\(example)")
                let value = try JSONParser.parse(answer.body)
                #expect(value["error"]?.object?.members.map(\.key) == ["message", "type", "param", "code"])
                #expect(value["error"]?["code"]?.string == example.code.rawValue, "\(example)")
            }
        }
        #expect(try await scene.store.item(1, number: 1) == nil)
    }

    @Test("Unknown paths, wrong methods and bodies over the bound have OpenAI's shape too")
    func edges() async throws {
        let scene = try await HostScene()
        try await Self.serving(scene) { client in
            #expect(try await client.get("/v1/unknown").errorCode == "unknown_url")
            #expect(try await client.get("/v1/models/gpt-x").errorCode == "model_not_found")
            #expect(try await client.get("/v1/chat/completions").errorCode == "unknown_url")
            #expect(try await client.get("/v1/items/1/x").errorCode == "item_not_found")
            let long = String(repeating: " ", count: EdgeLimits().bodyBytesMax + 1)
            let answer = try await client.post(long, voucher: VoucherHeader.text(await scene.voucher(long)))
            #expect((answer.status, answer.errorCode) == (413, "request_too_large"))
        }
    }

    @Test("Only this machine and the host's public name are answered")
    func origins() async throws {
        let scene = try await HostScene()
        let visits: [(headers: [String: String], status: UInt)] = [
            ([:], 200), (["host": "localhost:8001"], 200), (["host": "host.example"], 200),
            (["host": "host.example:443"], 200), (["host": "evil.example"], 403),
            (["host": "host.example.evil.example"], 403), (["origin": "http://evil.example"], 403),
            (["origin": "null"], 403), (["host": "host.example", "origin": "https://evil.example"], 403),
            (["origin": "http://127.0.0.1:3000"], 200),
        ]
        try await Self.serving(scene) { client in
            for (headers, status) in visits {
                for path in ["/v1/models", "/v1/status", "/healthz"] {
                    let answer = try await client.get(path, headers: headers)
                    #expect(answer.status == status, "\(path) with \(headers)")
                    #expect(answer.errorCode == (status == 403 ? "origin_not_allowed" : nil))
                }
            }
        }
    }

    /// Header fields to send beside those that every request has.
    private static func fields(_ count: Int) -> [String: String] {
        Dictionary(uniqueKeysWithValues: (0..<count).map { ("x-\($0)", "y") })
    }

    @Test("Headers over their bounds are refused in OpenAI's shape, and the next request is answered")
    func headerBounds() async throws {
        let scene = try await HostScene()
        try await Self.serving(scene) { client in
            let bound = EdgeLimits().headerCountMax
            let refused = try await client.get("/healthz", headers: Self.fields(bound))
            #expect((refused.status, refused.errorCode) == (431, "request_headers_too_large"))
            #expect(refused.contentType == "application/json")
            #expect(try await client.get("/healthz", headers: Self.fields(bound - 10)).status == 200)
        }
    }

    @Test("A plain answer carries the receipt")
    func plain() async throws {
        let scene = try await HostScene()
        try await Self.serving(scene) { client in
            let voucher = await scene.voucher()
            let answer = try await client.post(HostScene.question, voucher: VoucherHeader.text(voucher))
            #expect(answer.status == 200)
            let response = try ChatCompletionResponse.parse(answer.body)
            #expect(response.choices == [.init(index: 0, content: "Hello there", finishReason: .stop)])
            let item = try #require(try await scene.store.item(1, number: 1))
            #expect(
                response.usage
                    == ChatCompletionUsage(
                        promptTokens: item.item.promptTokens, cachedTokens: 0, completionTokens: item.item.outputTokens)
            )
            let gonka = try #require(response.gonka)
            let bytes = try #require(gonka["receipt"]?.string.flatMap { Base64.decode($0, .urlSafe) })
            #expect(try Signed<Receipt>.decode(bytes) == item.receipt)
            #expect(gonka["items_url"]?.string == "http://127.0.0.1:8001/v1/items/1/1")
            #expect(gonka["output_token_ids"]?.array?.count == item.answer.outputTokens.count)
            #expect(gonka["fee"]?.number?.uint64 == item.item.fee.ngonka)
            // The same again, from store.
            #expect(try await client.post(HostScene.question, voucher: VoucherHeader.text(voucher)).body == answer.body)
        }
    }

    @Test("A stream begins with the role, ends with reason, receipt, usage and [DONE]", arguments: [false, true])
    func stream(includesUsage: Bool) async throws {
        let scene = try await HostScene()
        let body =
            #"{"model":"test-model","messages":[{"role":"user","content":"Hi"}],"stream":true"#
            + (includesUsage ? #","stream_options":{"include_usage":true}}"# : "}")
        try await Self.serving(scene) { client in
            let voucher = VoucherHeader.text(await scene.voucher(body))
            for attempt in 1...2 {
                let answer = try await client.post(body, voucher: voucher)
                #expect((answer.status, answer.contentType) == (200, "text/event-stream"))
                let events = try answer.events()
                #expect(events.last == .done)
                let chunks = events.compactMap { if case .chunk(let chunk) = $0 { chunk } else { nil } }
                #expect(chunks.count == events.count - 1)
                #expect(chunks.first?.choices.first?.role == .assistant)
                #expect(chunks.flatMap(\.choices).compactMap(\.content).joined() == "Hello there")
                #expect(chunks.flatMap(\.choices).compactMap(\.finishReason) == [.stop])
                #expect(Set(chunks.map(\.id)).count == 1)
                let receipts = chunks.filter { $0.gonka != nil }
                #expect(receipts.count == 1 && receipts.first?.choices.first?.finishReason == .stop)
                let item = try #require(try await scene.store.item(1, number: 1))
                let counted = chunks.last.map(\.usage)
                #expect(
                    counted
                        == (includesUsage
                            ? .counted(
                                ChatCompletionUsage(
                                    promptTokens: item.item.promptTokens, cachedTokens: 0,
                                    completionTokens: item.item.outputTokens)) : .absent))
                #expect(attempt == 1 || chunks.count <= 5, "a stored answer comes in one piece")
            }
        }
    }

    @Test("An engine that fails in mid-stream ends it with an error event and no [DONE]")
    func failingStream() async throws {
        let scene = try await HostScene(
            engine: ScriptedEngine(model: "test-model", answer: "Hello there") { position in
                if position == 3 { throw EngineError.failed(reason: "/secret/path") }
            })
        let body = #"{"model":"test-model","messages":[{"role":"user","content":"Hi"}],"stream":true}"#
        try await Self.serving(scene) { client in
            let answer = try await client.post(body, voucher: VoucherHeader.text(await scene.voucher(body)))
            #expect(answer.status == 200)
            #expect(try answer.events().last == .failed(.engineFailed))
            #expect(!String(decoding: answer.body, as: UTF8.self).contains("secret"))
        }
        #expect(try await scene.store.item(1, number: 1) == nil)
    }

    @Test("A client that closes its connection gives the request up", arguments: [false, true])
    func disconnect(streams: Bool) async throws {
        let turnstile = Turnstile()
        let scene = try await HostScene(
            engine: ScriptedEngine(model: "test-model", answer: "Hello there") { _ in try await turnstile.pass() })
        let body = #"{"model":"test-model","messages":[{"role":"user","content":"Hi"}],"stream":\#(streams)}"#
        try await Self.serving(scene) { client in
            let voucher = VoucherHeader.text(await scene.voucher(body))
            let asking = Task { try await client.post(body, voucher: voucher) }
            await turnstile.admit(3)
            await turnstile.waitForArrivals(4)
            asking.cancel()
            _ = await asking.result
            await scene.executor.load.waitUntilIdle()
            let item = try #require(try await scene.store.item(1, number: 1))
            #expect((item.item.finishReason, item.item.outputTokens) == (.cancelled, 3))
            // The receipt is fetched by the same sequence.
            let again = try await client.post(body, voucher: voucher)
            #expect(again.status == 200)
            #expect(String(decoding: again.body, as: UTF8.self).contains("Hel"))
        }
    }

    @Test("Models, status and probes ask for no credentials")
    func openRoutes() async throws {
        let scene = try await HostScene()
        try await Self.serving(scene) { client in
            let models = try JSONParser.parse(try await client.get("/v1/models").body)
            #expect(models["data"]?.array?.map { $0["id"]?.string } == ["test-model"])
            #expect(try await client.get("/v1/models/test-model").status == 200)
            let status = try JSONParser.parse(try await client.get("/v1/status").body)
            #expect(status["host"]?.string == scene.identity.address.bech32)
            #expect(status["load"]?["capacity"]?.number?.uint64 == 64)
            #expect(status["height"]?.number?.uint64 == (try await scene.view.current().height))
            #expect(try await client.get("/healthz").status == 200)
            #expect(try await client.get("/readyz").status == 200)
            scene.executor.load.drain()
            #expect(try await client.get("/readyz").status == 503)
            let refusal = try await client.post(
                HostScene.question, voucher: VoucherHeader.text(await scene.voucher()))
            #expect((refusal.status, refusal.errorCode, refusal.retryAfter) == (503, "shutting_down", "1"))
        }
    }

    @Test("An item is shown once its round's open window is over")
    func items() async throws {
        let scene = try await HostScene()
        let window = try await scene.view.current().round.timetable.window(.open)
        let item = try await scene.ask().item
        try await Self.serving(scene) { client in
            let early = try await client.get("/v1/items/1/1")
            #expect((early.status, early.errorCode) == (425, "item_not_opened"))
            try await scene.advance(to: window.upperBound + 1)
            let shown = try JSONParser.parse(try await client.get("/v1/items/1/1").body)
            #expect(shown["item"]?.string == Base64.encode(item.item.encoded(), .urlSafe))
            #expect(shown["fingerprint"]?.string == Hex.encode(item.answer.fingerprint))
            let root = try #require(shown["root"]?.string.flatMap { Hex.decode($0) }.flatMap { Hash32($0) })
            let proof = try #require(shown["proof"]?.string.flatMap { Base64.decode($0, .urlSafe) })
            let sums = ItemSums(fee: item.item.fee, tokens: item.item.outputTokens)
            _ = try SumTreeProof.decode(proof).verify(
                SumTreeNode(item: item.item.encoded(), sums: sums),
                in: SumTreeClaim(root: root, count: 1, sums: sums))
        }
    }

    @Test("A whole host finishes its answers when it is told to stop, and leaves its log whole")
    func wholeService() async throws {
        let scene = try await HostScene()
        let folder = try TemporaryFolder()
        try await Self.serveUntilStopped(scene, itemFolder: folder.path + "/items")
        let store = try ItemStore(path: folder.path + "/items", identity: scene.identity, logger: scene.logger)
        #expect(try await store.item(1, number: 1)?.answer.text == "Hello")
    }

    /// Runs a host, and tells it to stop while it answers.
    private static func serveUntilStopped(_ scene: HostScene, itemFolder: String) async throws {
        let turnstile = Turnstile()
        let service = try HostService(
            HostConfiguration(
                listen: EdgeServer.Address(port: 0), itemFolder: itemFolder, lookInterval: .milliseconds(5)),
            identity: scene.identity, ledger: scene.ledger,
            engines: [ScriptedEngine(model: "test-model", answer: "Hello") { _ in try await turnstile.pass() }],
            logger: scene.logger)
        let (ports, bound) = AsyncStream<Int>.makeStream()
        let group = ServiceGroup(services: [ReadyService(service: service, bound: bound)], logger: scene.logger)
        let running = Task { try await group.run() }
        let port = try #require(await ports.first { _ in true })
        let client = HostClient(url: "http://127.0.0.1:\(port)")
        while try await client.get("/readyz").status != 200 { await Task.yield() }
        let voucher = VoucherHeader.text(await scene.voucher())
        let asking = Task { try await client.post(HostScene.question, voucher: voucher) }
        await turnstile.waitForArrivals(1)
        await group.triggerGracefulShutdown()
        await turnstile.open()
        #expect(try await asking.value.status == 200)
        try await running.value
    }
}

/// A host as a service that tells its port.
private struct ReadyService: Service {
    let service: HostService
    let bound: AsyncStream<Int>.Continuation

    func run() async throws { try await service.run { bound.yield($0) } }
}
