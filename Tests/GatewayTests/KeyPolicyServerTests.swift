import Cryptography
import NIOHTTP1
import Primitives
import Testing
import WireFormat

@testable import Gateway

/// Keys with routing policies at the front.
@Suite(.timeLimit(.minutes(2))) struct KeyPolicyServerTests {
    private static func policy(_ change: (inout RoutingPolicy) -> Void) -> RoutingPolicy {
        var policy = RoutingPolicy()
        change(&policy)
        return policy
    }

    private static let without1 = policy { $0.denied = [TestHost(1).address] }

    private static func json(_ answer: TestGateway.Answer) throws -> JSONValue {
        try JSONParser.parse(Bytes(answer.body.utf8))
    }

    /// A way of asking for each path.
    private static let requests: [(path: String, body: String)] = [
        ("/v1/chat/completions", String(decoding: Fixtures.body(), as: UTF8.self)),
        ("/v1/completions", #"{"model":"test-model","prompt":"Hello","max_tokens":10}"#),
        ("/v1/responses", #"{"model":"test-model","input":"Hello","max_output_tokens":10,"store":false}"#),
        ("/v1/embeddings", #"{"model":"test-model","input":["a","b"]}"#),
    ]

    /// Neither in its turn, nor where all others fail, nor by name.
    @Test func aHostThatAKeyDeniesIsNeverAskedForIt() async throws {
        let hosts = ScriptedHosts([1: ScriptedHosts.answer])
        try await TestGateway.run(
            hosts, terms: KeyTerms(policy: "without-1"), keyPolicies: ["without-1": Self.without1]
        ) { gateway in
            for (path, body) in Self.requests {
                let answer = try await gateway.send(gateway.request(.POST, path, body: Bytes(body.utf8)))
                #expect(answer.status == 503, "\(path)")
            }
            let named = try await gateway.send(
                gateway.request(body: Fixtures.body(), headers: ["x-gonka-host": TestHost(1).address.bech32]))
            #expect(named.status >= 400)
            #expect(!hosts.asked.isEmpty && !hosts.asked.contains(TestHost(1).url))
            let other = ["authorization": "Bearer \(gateway.otherKey)"]
            let answer = try await gateway.send(gateway.request(body: Fixtures.body(), headers: other))
            #expect(answer.status == 200 && hosts.asked.last == TestHost(1).url)
        }
    }

    @Test func whereNobodyIsLeftOtherKeysStillWork() async throws {
        let hosts = ScriptedHosts.honest
        let nobody = Self.policy { $0.priceMax = Amount(1) }
        try await TestGateway.run(hosts, terms: KeyTerms(policy: "cheap"), keyPolicies: ["cheap": nobody]) { gateway in
            let other = ["authorization": "Bearer \(gateway.otherKey)"]
            for _ in 0..<3 {
                let refused = try await gateway.send(gateway.request(body: Fixtures.body()))
                #expect(refused.status == 503)
                #expect(try Self.json(refused)["error"]?["code"]?.string == "no_host_available")
                let answer = try await gateway.send(gateway.request(body: Fixtures.body(), headers: other))
                #expect(answer.status == 200)
            }
            #expect(hosts.requests.count == 3)
            #expect(await gateway.ledger.openedSessions.count == 1)
            #expect(try gateway.usage.spending(of: "test").total == .zero)
        }
    }

    /// Whoever set a policy relies on it: without it nothing is asked.
    @Test func aPolicyThatIsNotKnownIsRefusedByName() async throws {
        let hosts = ScriptedHosts.honest
        try await TestGateway.run(
            hosts, terms: KeyTerms(policy: "gone"), keyPolicies: ["here": RoutingPolicy()]
        ) { gateway in
            for (path, body) in Self.requests {
                let answer = try await gateway.send(gateway.request(.POST, path, body: Bytes(body.utf8)))
                let error = try Self.json(answer)["error"]
                #expect(answer.status == 400, "\(path)")
                #expect(error?["param"]?.string == "policy")
                #expect(error?["message"]?.string?.contains("'gone'") == true)
            }
            #expect(hosts.requests.isEmpty)
            let other = ["authorization": "Bearer \(gateway.otherKey)"]
            #expect(try await gateway.send(gateway.request(body: Fixtures.body(), headers: other)).status == 200)
        }
    }

    @Test func theWayNamesThePolicy() async throws {
        try await TestGateway.run(
            ScriptedHosts.honest, terms: KeyTerms(policy: "without-1"), keyPolicies: ["without-1": Self.without1]
        ) { gateway in
            for (key, policy) in [(gateway.key, "without-1"), (gateway.otherKey, nil)] {
                let headers = ["authorization": "Bearer \(key)"]
                let answer = try await gateway.send(gateway.request(body: Fixtures.body(), headers: headers))
                let id = try #require(answer.headers.first(name: "x-gonka-route")).prefix { $0 != ";" }
                let way = try Self.json(try await gateway.send(gateway.request(.GET, "/v1/gonka/routes/\(id)")))
                #expect(way["policy"]?.string == policy)
                let leftOut = way["attempts"]?.array?.first?["left_out"]?.array ?? []
                #expect(leftOut.map { $0["reason"]?.string } == (policy == nil ? [] : ["denied"]))
            }
        }
    }
}
