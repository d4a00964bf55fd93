import Cryptography
import Logging
import Messages
import OpenAIWire
import Primitives
import ProtocolRules
import Testing

@testable import Gateway

/// A gateway with a host of its own: which sessions it keeps, and whom it asks.
@Suite(.timeLimit(.minutes(1))) struct OwnFirstTests {
    private let ledger = MemoryLedger()

    private func pool(models: [String] = [Fixtures.model], _ change: (inout RoutingPolicy) -> Void) -> SessionPool {
        var policy = RoutingPolicy()
        change(&policy)
        return SessionPool.test(ledger, models: models, policy: policy)
    }

    private func relay(_ hosts: ScriptedHosts, _ pool: SessionPool) -> Relay {
        Relay(pool: pool, transport: hosts, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private func allowLists(_ pool: SessionPool) async -> [[Address]] {
        await pool.sessions[Fixtures.model]?.map(\.record.allowedHosts) ?? []
    }

    @Test func ownHostsHaveASessionOfTheirOwn() async throws {
        let pool = pool { $0.own = [TestHost(2).address] }
        try await pool.upkeep()
        #expect(Set(await allowLists(pool)) == [[], [TestHost(2).address]])
        for _ in 0..<3 { try await pool.upkeep() }
        #expect(await ledger.openedSessions.count == 2)
    }

    @Test func withoutOwnHostsThereIsOneSession() async throws {
        let pool = pool { $0.allowed = [TestHost(1).address, TestHost(3).address] }
        try await pool.upkeep()
        #expect(await allowLists(pool) == [[TestHost(1).address, TestHost(3).address].sorted()])
    }

    @Test func theFirstRequestOpensTheOwnOneAndTheNextLookTheOther() async throws {
        let pool = pool(models: []) { $0.own = [TestHost(2).address] }
        let engagement = try await pool.engage(try Fixtures.request(), excluding: [])
        #expect(engagement.host == TestHost(2).address)
        #expect(await allowLists(pool) == [[TestHost(2).address]])
        try await pool.upkeep()
        #expect(await ledger.openedSessions.count == 2)
    }

    @Test func othersAreAskedWhereOwnHostsAreBusyOrFail() async throws {
        let pool = pool {
            $0.own = [TestHost(2).address]
            $0.spillOver = 2
        }
        try await pool.upkeep()
        var engagements: [Engagement] = []
        for _ in 0..<4 { engagements.append(try await pool.engage(try Fixtures.request(), excluding: [])) }
        #expect(engagements.prefix(2).map(\.host) == [2, 2].map { TestHost($0).address })
        #expect(engagements[0].reason == .own)
        #expect(!engagements.suffix(2).map(\.host).contains(TestHost(2).address))
        for engagement in engagements { await pool.release(engagement, fee: .zero, conduct: .unknown) }
        let hosts = ScriptedHosts([1: ScriptedHosts.answer, 3: ScriptedHosts.answer])
        _ = try await relay(hosts, pool).answer(try Fixtures.request())
        #expect(hosts.asked.first == TestHost(2).url && hosts.asked.count == 2)
    }

    /// Another session costs another deposit and would be drawn from the same hosts.
    @Test func aPolicyThatLeavesNobodyOpensNothing() async throws {
        let pool = pool { $0.priceMax = Amount(1) }
        try await pool.upkeep()
        for _ in 0..<3 {
            await #expect(throws: EngagementFailure.noHostLeft) {
                try await pool.engage(try Fixtures.request(), excluding: [])
            }
        }
        #expect(await ledger.openedSessions.count == 1)
    }

    @Test func deniedHostsAreAskedByNobodyNotEvenByName() async throws {
        let pool = pool { $0.denied = [TestHost(1).address] }
        let hosts = ScriptedHosts.honest
        for _ in 0..<4 { _ = try await relay(hosts, pool).answer(try Fixtures.request()) }
        #expect(!hosts.asked.contains(TestHost(1).url))
        let named = RelayRequest(
            try Fixtures.request().completion, body: Fixtures.body(), host: TestHost(1).address)
        await #expect(throws: OpenAIError.self) { try await relay(hosts, pool).answer(named) }
        #expect(!hosts.asked.contains(TestHost(1).url))
    }

    /// All find it too long: one of them has to say so.
    @Test func whoFindsEverythingTooLongIsAskedWhereNobodyElseIs() async throws {
        let pool = pool { _ in }
        let request = try Fixtures.request()
        for host in 1...3 as ClosedRange<UInt8> {
            let engagement = try await pool.engage(
                RelayRequest(request.completion, body: Fixtures.body(), host: TestHost(host).address), excluding: [])
            await pool.note(.tooLong(1), of: engagement)
            await pool.release(engagement, fee: .zero, conduct: .unknown)
        }
        #expect(try await pool.engage(request, excluding: []).host == TestHost(1).address)
    }
}
