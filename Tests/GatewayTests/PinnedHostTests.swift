import Cryptography
import Messages
import NIOCore
import NIOHTTP1
import OpenAIWire
import Primitives
import Testing

@testable import Gateway

/// Requests that name the host that is to answer.
@Suite(.timeLimit(.minutes(1))) struct PinnedHostTests {
    private static func headers(_ host: TestHost) -> [String: String] { ["x-gonka-host": host.address.bech32] }

    @Test func theNamedHostAnswersEveryTime() async throws {
        let hosts = ScriptedHosts.honest
        try await TestGateway.run(hosts) { gateway in
            for number in [3, 3, 1, 3] as [UInt8] {
                let host = TestHost(number)
                for streams in [false, true] {
                    let answer = try await gateway.send(
                        gateway.request(body: Fixtures.body(streams: streams), headers: Self.headers(host)))
                    #expect(answer.status == 200)
                    #expect(answer.headers.first(name: "x-gonka-host") == host.address.bech32)
                }
            }
        }
        #expect(hosts.asked == [3, 3, 3, 3, 1, 1, 3, 3].map { TestHost($0).url })
    }

    @Test func noOtherHostStepsIn() async throws {
        let hosts = ScriptedHosts([1: ScriptedHosts.answer, 2: ScriptedHosts.answer])
        try await TestGateway.run(hosts) { gateway in
            for _ in 0..<2 {
                let answer = try await gateway.send(
                    gateway.request(body: Fixtures.body(), headers: Self.headers(TestHost(3))))
                #expect(answer.status == 503)
            }
        }
        #expect(hosts.asked == [3, 3].map { TestHost($0).url })
    }

    /// What a single host can know alone has to be believed.
    @Test func theNamedHostsWordCounts() async throws {
        let error = OpenAIError.contextLengthExceeded(contextTokens: 10, requestedTokens: 11)
        let hosts = ScriptedHosts([2: { _, _ in .refusing(error) }, 1: ScriptedHosts.answer])
        try await TestGateway.run(hosts) { gateway in
            let answer = try await gateway.send(
                gateway.request(body: Fixtures.body(), headers: Self.headers(TestHost(2))))
            #expect(answer.status == 400 && answer.body.contains("context_length_exceeded"))
        }
    }

    @Test(arguments: [TestHost(9).address.bech32, "gonka1", "host 3", "http://host-3.test"])
    func whoIsNoHostOfTheSessionIsNamedInTheRefusal(host: String) async throws {
        let ledger = MemoryLedger()
        let hosts = ScriptedHosts.honest
        try await TestGateway.run(hosts, ledger: ledger) { gateway in
            for _ in 0..<2 {
                let answer = try await gateway.send(
                    gateway.request(body: Fixtures.body(), headers: ["x-gonka-host": host]))
                #expect(answer.status == 400)
                #expect(answer.body.contains(#""param":"X-Gonka-Host","code":"unsupported_value""#))
                #expect(answer.body.contains(host))
            }
            let noKey = try await gateway.send(
                gateway.request(body: Fixtures.body(), headers: ["x-gonka-host": host, "authorization": ""]))
            #expect(noKey.status == 401)
        }
        #expect(hosts.requests.isEmpty)
        #expect(await ledger.openedSessions.count <= 1)
    }

    /// Another session would be drawn anew: the host that is asked for need not be in it.
    @Test func aFullHostOpensNoSession() async throws {
        let ledger = MemoryLedger()
        let pool = SessionPool.test(ledger, deposit: Amount(330), models: [])
        let request = RelayRequest(
            try Fixtures.request().completion, body: Fixtures.body(), host: TestHost(2).address)
        #expect(try await pool.engage(request, excluding: []).host == TestHost(2).address)
        await #expect(throws: EngagementFailure.noRoom) { try await pool.engage(request, excluding: []) }
        #expect(await ledger.openedSessions == [1])
    }
}
