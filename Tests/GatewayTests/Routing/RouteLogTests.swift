import AsyncHTTPClient
import Cryptography
import HTTPEdge
import NIOCore
import NIOHTTP1
import OpenAIWire
import Primitives
import Testing
import WireFormat

@testable import Gateway

/// What can be asked about the way that a request took.
@Suite(.timeLimit(.minutes(1))) struct RouteLogTests {
    private static func explain(_ id: String, _ gateway: TestGateway, key: String? = nil) async throws
        -> TestGateway.Answer
    {
        try await gateway.send(
            gateway.request(.GET, "/v1/gonka/routes/\(id)", headers: key.map { ["authorization": $0] } ?? [:]))
    }

    private static func json(_ answer: TestGateway.Answer) throws -> JSONValue {
        try JSONParser.parse(Bytes(answer.body.utf8))
    }

    @Test(arguments: [false, true]) func theHeaderAndThreeIdsTellTheWay(streams: Bool) async throws {
        let hosts = ScriptedHosts([1: { _, _ in throw HostFault.unreachable("gone") }, 2: ScriptedHosts.answer])
        try await TestGateway.run(hosts) { gateway in
            let answer = try await gateway.send(
                gateway.request(
                    body: Fixtures.body(streams: streams, content: "a secret"), headers: ["x-request-id": "my-request"])
            )
            await gateway.settled()
            let header = try #require(answer.headers.first(name: "x-gonka-route"))
            let id = String(header.prefix { $0 != ";" })
            #expect(id.hasPrefix("rt_") && id.count == 19)
            #expect(header.contains("host=\(TestHost(2).address.bech32); reason="))
            #expect(header.hasSuffix("attempts=2; hedged=no"))
            for name in [id, "my-request", "chatcmpl-1"] {
                let explained = try await Self.explain(name, gateway)
                #expect(explained.status == 200)
                #expect(!explained.body.contains("secret"))
                let route = try Self.json(explained)
                #expect(route["id"]?.string == id)
                #expect(route["outcome"]?.string == "answered")
                #expect(route["request_id"]?.string == "my-request")
                #expect(route["answer_id"]?.string == "chatcmpl-1")
                let attempts = try #require(route["attempts"]?.array)
                #expect(attempts.map { $0["outcome"]?.string } == ["unreachable", "answered"])
                #expect(attempts.map { $0["host"]?.string } == [1, 2].map { TestHost($0).address.bech32 })
                #expect(attempts[0]["candidates"]?.array?.count == 3)
                #expect(attempts[1]["left_out"]?.array?.first?["reason"]?.string == "tried")
            }
        }
    }

    @Test func nobodyWithoutAKeyIsTold() async throws {
        try await TestGateway.run(ScriptedHosts.honest, signed: SignedRequests(mode: .any)) { gateway in
            let answer = try await gateway.send(gateway.request(body: Fixtures.body()))
            let id = String(try #require(answer.headers.first(name: "x-gonka-route")).prefix { $0 != ";" })
            for key in ["", "Bearer", "Bearer sk-no", gateway.key] {
                #expect(try await Self.explain(id, gateway, key: key).status == 401)
            }
            let signed = SignedRequest(timestamp: WallClock().nanoseconds()).headers(for: [])
            let request = gateway.request(.GET, "/v1/gonka/routes/\(id)", headers: signed)
            #expect(try await gateway.send(request).status == 401, "a signature of nothing shows nobody's right")
            #expect(try await Self.explain(id, gateway).status == 200)
            for name in ["rt_0000000000000000", "%20", String(repeating: "x", count: 1_000)] {
                #expect(try await Self.explain(name, gateway).status == 404)
            }
        }
    }

    @Test func failuresCanBeExplainedToo() async throws {
        try await TestGateway.run(ScriptedHosts([:])) { gateway in
            let answer = try await gateway.send(
                gateway.request(body: Fixtures.body(), headers: ["x-request-id": "lost"]))
            #expect(answer.status == 503)
            let route = try Self.json(try await Self.explain("lost", gateway))
            #expect(route["outcome"]?.string == "no_host_available")
            #expect(
                route["attempts"]?.array?.map { $0["outcome"]?.string } == [
                    "unreachable", "unreachable", "unreachable",
                ])
        }
    }

    // MARK: Bounds

    private static func request(_ id: String?) throws -> RelayRequest {
        RelayRequest(try Fixtures.request().completion, body: Fixtures.body(), requestID: id)
    }

    @Test func theOldestAreForgotten() throws {
        let log = RouteLog(countMax: 3)
        for number in 0..<10 { _ = log.begin(try Self.request("r\(number)")) }
        #expect((0..<10).map { log.explain("r\($0)") != nil } == (0..<10).map { $0 >= 7 })
    }

    @Test func theNewestOfOneNameIsTold() throws {
        let log = RouteLog(countMax: 2)
        let ids = try (0..<5).map { _ in log.begin(try Self.request("same")).id }
        #expect(log.explain("same")?["id"]?.string == ids.last)
        #expect(Set(ids).count == 5)
    }

    @Test(arguments: ["", "a b", "a\n", "ä", String(repeating: "x", count: Limits.routeIDBytesMax + 1)])
    func idsThatAreNoneAreNotKept(id: String) throws {
        let log = RouteLog()
        let trace = log.begin(try Self.request(id))
        #expect(trace.current.requestID == nil)
        #expect(log.explain(id) == nil)
        trace.began(0, answerID: id)
        #expect(trace.current.answerID == nil)
    }

    @Test func largeGroupsAreCut() async throws {
        let members = (1...40).map { TestHost($0) }
        let pool = SessionPool.test(MemoryLedger(members: members), deposit: Amount(400_000))
        let engagement = try await pool.engage(try Fixtures.request(), excluding: [])
        let trace = RouteLog().begin(try Self.request(nil))
        trace.engaged(engagement, isHedge: false)
        let attempt = try #require(trace.current.attempts.first)
        #expect(attempt.decision.order.count == Limits.routeHostsKeptMax)
        #expect(attempt.cut == 40 - Limits.routeHostsKeptMax)
    }
}
