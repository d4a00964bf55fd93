import AsyncHTTPClient
import Cryptography
import HTTPEdge
import Messages
import NIOCore
import NIOHTTP1
import OpenAIWire
import Primitives
import Testing
import WireFormat

@testable import Gateway

/// The front on a real socket: what is refused, in which order, byte for byte.
@Suite(.timeLimit(.minutes(2))) struct GatewayServerTests {
    // MARK: Refusals

    struct Refusal: CustomTestStringConvertible, Sendable {
        let testDescription: String
        var method = HTTPMethod.POST
        var path = "/v1/chat/completions"
        var headers: [String: String] = [:]
        var body: String? = #"{"model":"test-model","messages":[{"role":"user","content":"hi"}]}"#
        let status: Int
        let answer: String
    }

    private static let wrongKey =
        #"{"error":{"message":"Incorrect API key provided. Send the key of this gateway "#
        + #"as 'Authorization: Bearer <key>'.","type":"invalid_request_error","param":null,"code":"invalid_api_key"}}"#

    static let refusals: [Refusal] = [
        Refusal(testDescription: "no key", headers: ["authorization": ""], status: 401, answer: wrongKey),
        Refusal(
            testDescription: "a wrong key", headers: ["authorization": "Bearer sk-no"], status: 401, answer: wrongKey),
        Refusal(
            testDescription: "a key without scheme", headers: ["authorization": "sk-no"], status: 401, answer: wrongKey),
        Refusal(
            testDescription: "a wrong key and a broken body", headers: ["authorization": "Bearer sk-no"], body: "{",
            status: 401, answer: wrongKey),
        Refusal(
            testDescription: "a form", headers: ["content-type": "application/x-www-form-urlencoded"], status: 415,
            answer: #"{"error":{"message":"Send 'Content-Type: application/json' and an uncompressed body in UTF-8.","#
                + #""type":"invalid_request_error","param":null,"code":"unsupported_media_type"}}"#),
        Refusal(
            testDescription: "a compressed body", headers: ["content-encoding": "gzip"], status: 415,
            answer: #"{"error":{"message":"Send 'Content-Type: application/json' and an uncompressed body in UTF-8.","#
                + #""type":"invalid_request_error","param":null,"code":"unsupported_media_type"}}"#),
        Refusal(
            testDescription: "broken JSON and an unknown model", body: #"{"model":"other","#, status: 400,
            answer: #"{"error":{"message":"We could not parse the JSON body of your request: the text "#
                + #"ends in the middle of a value (at byte 17).","type":"invalid_request_error","param":null,"code":"invalid_json"}}"#
        ),
        Refusal(
            testDescription: "no model", body: #"{"messages":[]}"#, status: 400,
            answer: #"{"error":{"message":"Missing required parameter: 'model'.","type":"invalid_request_error","#
                + #""param":"model","code":"missing_required_parameter"}}"#),
        Refusal(
            testDescription: "an unknown model and no messages", body: #"{"model":"other"}"#, status: 404,
            answer: #"{"error":{"message":"The model 'other' does not exist or you do not have access to it.","#
                + #""type":"invalid_request_error","param":"model","code":"model_not_found"}}"#),
        Refusal(
            testDescription: "an unknown field", body: #"{"model":"test-model","messages":[],"magic":1}"#, status: 400,
            answer: #"{"error":{"message":"Unknown parameter: 'magic'.","type":"invalid_request_error","#
                + #""param":"magic","code":"unknown_parameter"}}"#),
        Refusal(
            testDescription: "another method", method: .GET, body: nil, status: 405,
            answer: #"{"error":{"message":"This URL answers to POST only.","type":"invalid_request_error","#
                + #""param":null,"code":"method_not_allowed"}}"#),
        Refusal(
            testDescription: "another path", path: "/v1/images/generations", status: 404,
            answer: #"{"error":{"message":"Unknown request URL. See docs/api.md for what is served.","#
                + #""type":"invalid_request_error","param":null,"code":"unknown_url"}}"#),
        Refusal(
            testDescription: "another host", headers: ["host": "evil.example"], status: 403,
            answer: #"{"error":{"message":"This server answers to this machine only. Ask for 127.0.0.1 or localhost.","#
                + #""type":"invalid_request_error","param":null,"code":"origin_not_allowed"}}"#),
    ]

    @Test func refusalsAreThoseOfTheDocuments() async throws {
        let hosts = ScriptedHosts.honest
        try await TestGateway.run(hosts) { gateway in
            for refusal in Self.refusals {
                let answer = try await gateway.send(
                    gateway.request(
                        refusal.method, refusal.path, body: refusal.body.map { Bytes($0.utf8) },
                        headers: refusal.headers))
                #expect(answer.status == refusal.status, "\(refusal.testDescription)")
                #expect(answer.body == refusal.answer, "\(refusal.testDescription)")
                #expect(answer.headers.first(name: "content-type") == "application/json")
            }
        }
        #expect(hosts.requests.isEmpty)
    }

    @Test func headersOverTheirBoundsAreRefused() async throws {
        try await TestGateway.run(ScriptedHosts.honest) { gateway in
            for (fields, status) in [(EdgeLimits().headerCountMax, 431), (EdgeLimits().headerCountMax - 10, 200)] {
                let headers = (0..<fields).map { ("x-\($0)", "y") }
                let answer = try await gateway.send(
                    gateway.request(.GET, "/v1/models", headers: Dictionary(uniqueKeysWithValues: headers)))
                #expect(answer.status == status)
                guard status == 431 else { continue }
                #expect(answer.headers.first(name: "connection") == "close")
                #expect(
                    answer.body
                        == #"{"error":{"message":"The request's headers are too many or too large.","#
                        + #""type":"invalid_request_error","param":null,"code":"request_headers_too_large"}}"#)
            }
        }
    }

    /// DNS rebinding and other pages: whatever the spelling, only this machine's own names pass.
    @Test(arguments: [
        ("http://evil.example", 403), ("null", 403), ("https://127.0.0.1.evil.example", 403), ("file://", 403),
        ("http://localhost.evil.example:8080", 403), ("http://localhost", 200), ("http://127.0.0.1:3000", 200),
        ("http://[::1]:3000", 200), ("https://LOCALHOST", 200),
    ])
    func originsAreLookedAt(origin: String, status: Int) async throws {
        try await TestGateway.run(ScriptedHosts.honest) { gateway in
            for method in [HTTPMethod.GET, .OPTIONS] {
                let answer = try await gateway.send(
                    gateway.request(method, "/v1/models", headers: ["origin": origin]))
                #expect(answer.status == (status == 200 && method == .OPTIONS ? 204 : status))
                let allowed = answer.headers.first(name: "access-control-allow-origin")
                #expect(allowed == (status == 200 ? origin : nil))
            }
        }
    }

    @Test func moreRequestsThanPlacesAreRefused() async throws {
        let source = EventSource()
        let hosts = ScriptedHosts([1: { host, request in source.response(try HonestAnswer(host, to: request).events) }])
        try await TestGateway.run(hosts, requestsMax: 1) { gateway in
            source.allow(2)
            let first = try await HTTPClient.shared.execute(
                gateway.request(body: Fixtures.body(streams: true)), timeout: .seconds(30))
            let second = try await gateway.send(gateway.request(body: Fixtures.body()))
            #expect(second.status == 429)
            #expect(second.headers.first(name: "retry-after") == "1")
            source.allow(10)
            _ = try await first.body.collect(upTo: 1 << 20)
            await gateway.settled()
        }
    }

    // MARK: Answers

    @Test func aPlainAnswerIsWhatTheHostWouldHaveSent() async throws {
        let hosts = ScriptedHosts.honest
        try await TestGateway.run(hosts) { gateway in
            let answer = try await gateway.send(gateway.request(body: Fixtures.body()))
            let honest = try HonestAnswer(TestHost(1), to: try #require(hosts.requests.first))
            #expect(answer.status == 200)
            #expect(answer.body == String(decoding: honest.plainBody, as: UTF8.self))
            #expect(answer.headers.first(name: "x-gonka-host") == TestHost(1).address.bech32)
            #expect(answer.headers.first(name: "x-gonka-session") == "1")
        }
        let sent = try #require(hosts.requests.first)
        #expect(Bytes(sent.body.readableBytesView) == Fixtures.body())
    }

    /// The client has the first token while the host still thinks about the second.
    @Test func tokensAreHandedOnAsTheyCome() async throws {
        let source = EventSource()
        let hosts = ScriptedHosts([1: { host, request in source.response(try HonestAnswer(host, to: request).events) }])
        try await TestGateway.run(hosts) { gateway in
            source.allow(2)
            let response = try await HTTPClient.shared.execute(
                gateway.request(body: Fixtures.body(streams: true)), timeout: .seconds(30))
            #expect(response.headers.first(name: "content-type") == "text/event-stream")
            let honest = try HonestAnswer(TestHost(1), to: try #require(hosts.requests.first))
            var received = ByteBuffer()
            var expected = honest.events.prefix(2).flatMap { $0 }
            var body = response.body.makeAsyncIterator()
            for next in 2...honest.events.count {
                while received.readableBytes < expected.count, var piece = try await body.next() {
                    received.writeBuffer(&piece)
                }
                #expect(String(buffer: received) == String(decoding: expected, as: UTF8.self))
                guard next < honest.events.count else { break }
                source.allow(1)
                expected += honest.events[next]
            }
            #expect(try await body.next() == nil)
            await gateway.settled()
            #expect(await gateway.pool.account(TestHost(1))?.fees == HonestAnswer.fee)
        }
    }

    @Test func modelsAreListedWithoutAKey() async throws {
        let ledger = MemoryLedger()
        var record = Fixtures.modelRecord
        record.id = "Qwen/Qwen3-32B"
        await ledger.setModel(record)
        var host = TestHost(1).record
        host.models.append(record.id)
        await ledger.setHost(host)
        record.id = "served-by-nobody"
        await ledger.setModel(record)
        try await TestGateway.run(ScriptedHosts.honest, ledger: ledger) { gateway in
            let list = try await gateway.send(
                gateway.request(.GET, "/v1/models", headers: ["authorization": ""]))
            let ids = try JSONParser.parse(Bytes(list.body.utf8))["data"]?.array?.compactMap { $0["id"]?.string }
            #expect(ids == ["test-model", "Qwen/Qwen3-32B"])
            for spelling in ["Qwen%2FQwen3-32B", "Qwen/Qwen3-32B", "Qwen%2fQwen3%2D32B"] {
                let one = try await gateway.send(gateway.request(.GET, "/v1/models/\(spelling)"))
                #expect(try JSONParser.parse(Bytes(one.body.utf8))["id"]?.string == "Qwen/Qwen3-32B")
            }
            for wrong in ["other", "%zz", "served-by-nobody"] {
                let answer = try await gateway.send(gateway.request(.GET, "/v1/models/\(wrong)"))
                #expect(answer.status == 404)
            }
        }
    }

    @Test func healthAndReadiness() async throws {
        let ledger = MemoryLedger()
        try await TestGateway.run(ScriptedHosts.honest, ledger: ledger) { gateway in
            let health = try await gateway.send(gateway.request(.GET, "/healthz"))
            #expect(health.status == 200 && health.body == "ok\n")
            let before = try await gateway.send(gateway.request(.GET, "/readyz"))
            #expect(before.status == 503)
            #expect(
                before.body
                    == #"{"ready":false,"obstacles":["the ledger was not reached yet"],"ledger_silence_seconds":null}"#)
            try await gateway.pool.upkeep()
            let after = try await gateway.send(gateway.request(.GET, "/readyz"))
            #expect(after.status == 200)
            #expect(after.body == #"{"ready":true,"obstacles":[],"ledger_silence_seconds":0}"#)
        }
    }

    /// Anybody may ask: nothing of the inside is told, paths of this machine least of all.
    @Test func readinessTellsNothingOfTheInside() async throws {
        let folder = try ScratchFolder()
        let disk = VoucherFile(directory: folder.path + "/gone", chainID: Fixtures.chainID)
        try await TestGateway.run(ScriptedHosts.honest, disk: disk) { gateway in
            try await gateway.pool.upkeep()
            let answer = try await gateway.send(gateway.request(.GET, "/readyz", headers: ["authorization": ""]))
            #expect(answer.status == 503)
            #expect(!answer.body.contains("/"))
            #expect(answer.body.contains("no session is open for test-model: its vouchers cannot be written down"))
        }
    }

    // MARK: Clients that leave

    /// The client closes its connection while no answer has begun: the host's request is cancelled.
    @Test(arguments: [false, true]) func leavingWhileWaiting(streams: Bool) async throws {
        let (cancellations, cancelled) = AsyncStream<Void>.makeStream()
        let hosts = ScriptedHosts([
            1: { _, _ in
                for await _ in AsyncStream<Never>.makeStream().stream {}
                cancelled.yield()
                throw CancellationError()
            }
        ])
        try await TestGateway.run(hosts) { gateway in
            let client = Task { try await gateway.send(gateway.request(body: Fixtures.body(streams: streams))) }
            while hosts.requests.isEmpty { await Task.yield() }
            client.cancel()
            for await _ in cancellations { break }
            await gateway.settled()
            #expect(await gateway.pool.account(TestHost(1))?.fees == Fixtures.maximum)
        }
        #expect(hosts.requests.count == 1, "no other host is asked for a client that left")
    }

    /// The client closes after so many bytes of the stream, wherever that cuts it.
    @Test(arguments: [0, 1, 100, 300, 500]) func leavingInTheMiddle(bytes: Int) async throws {
        let source = EventSource()
        let hosts = ScriptedHosts([1: { host, request in source.response(try HonestAnswer(host, to: request).events) }])
        try await TestGateway.run(hosts) { gateway in
            source.allow(3)
            let response = try await HTTPClient.shared.execute(
                gateway.request(body: Fixtures.body(streams: true)), timeout: .seconds(30))
            try await Self.read(bytes, of: response)
            await gateway.settled()
        }
        await source.dropped()
    }

    /// Reads at least so many bytes and lets go of the rest.
    private static func read(_ count: Int, of response: HTTPClientResponse) async throws {
        var read = 0
        var body = response.body.makeAsyncIterator()
        while read < count, let piece = try await body.next() { read += piece.readableBytes }
    }
}
