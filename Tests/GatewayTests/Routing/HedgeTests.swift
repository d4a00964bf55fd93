import AsyncHTTPClient
import Cryptography
import Logging
import NIOCore
import OpenAIWire
import Primitives
import Synchronization
import TestSupport
import Testing
import WireFormat

@testable import Gateway

/// A first token that is late, and what asking a second host costs. In a fresh pool host 1 is asked first, then 2.
@Suite(.timeLimit(.minutes(1))) struct HedgeTests {
    private let pool = SessionPool.test()
    private let clock = ManualClock()
    private let budget = HedgeBudget()
    private let log = RouteLog()

    /// - Parameter hedges: that the budget holds.
    private func relay(_ hosts: ScriptedHosts, hedges: Int = 1) -> Relay {
        for _ in 0..<(hedges * Limits.requestsPerHedge) { budget.earn() }
        var limits = AnswerLimits()
        limits.clock = clock
        return Relay(
            pool: pool, transport: hosts, limits: limits, hedges: budget, routes: log,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private func fees(_ host: UInt8) async -> Amount? { await pool.account(TestHost(host))?.fees }

    private static let silence: ScriptedHosts.Script = { _, _ in
        for await _ in AsyncStream<Never>.makeStream().stream {}
        throw CancellationError()
    }

    /// A host that answers when it is let, and where it is cancelled before not.
    private final class Gate: Sendable {
        private let (stream, input) = AsyncStream<Void>.makeStream()
        func open() { input.yield() }
        func script(_ host: TestHost, _ request: HostRequest) async throws -> HTTPClientResponse {
            for await _ in stream { return try await ScriptedHosts.answer(host, request) }
            throw CancellationError()
        }
    }

    /// Asks, and turns the clock when the request waits for its first host.
    private func ask(
        _ relay: Relay, _ hosts: ScriptedHosts, streams: Bool, then act: @Sendable () async -> Void = {}
    ) async throws -> RelayedAnswer {
        let request = try Fixtures.request(streams: streams)
        let task = Task { try await relay.answer(request) }
        await clock.waitForSleeper()
        while hosts.requests.isEmpty { await Task.yield() }
        clock.advance(by: Limits.hedgeDelayUnknown)
        await act()
        return try await task.value
    }

    private func expectNothingOpen() async {
        while await pool.openRequests > 0 { await Task.yield() }
        #expect(await pool.openRequests == 0)
    }

    private func outcomes() throws -> [String?] {
        let route = try #require(log.latest)
        return route.attempts.map(\.outcome)
    }

    @Test(arguments: [false, true]) func aSecondHostAnswersForOneThatIsLate(streams: Bool) async throws {
        let hosts = ScriptedHosts([1: Self.silence, 2: ScriptedHosts.answer])
        let answer = try await ask(relay(hosts), hosts, streams: streams)
        #expect(answer.host == TestHost(2).address)
        #expect(answer.route.contains("reason=least_spent; attempts=2; hedged=yes"))
        try await answer.drain()
        await expectNothingOpen()
        // The first may hold an item: its maximum counts. The second has its receipt.
        #expect(await fees(1) == Fixtures.maximum)
        #expect(await fees(2) == HonestAnswer.fee)
        #expect(try outcomes() == ["outrun", "answered"])
        let standing = await pool.board[HostBoard.Key(host: TestHost(1).address, model: Fixtures.model)]?.standing
        #expect(standing?.failures == 0, "it is slow, and has failed at nothing")
    }

    @Test func theFirstHostWinsWhereItIsFasterAfterAll() async throws {
        let gate = Gate()
        let hosts = ScriptedHosts([1: gate.script, 2: Self.silence])
        let answer = try await ask(relay(hosts), hosts, streams: true) {
            while hosts.requests.count < 2 { await Task.yield() }
            gate.open()
        }
        #expect(answer.host == TestHost(1).address)
        try await answer.drain()
        await expectNothingOpen()
        #expect(await fees(1) == HonestAnswer.fee)
        #expect(await fees(2) == Fixtures.maximum)
        #expect(try outcomes() == ["answered", "outrun"])
    }

    @Test func withoutABudgetTheFirstIsWaitedFor() async throws {
        let gate = Gate()
        let hosts = ScriptedHosts([1: gate.script, 2: ScriptedHosts.answer])
        let answer = try await ask(relay(hosts, hedges: 0), hosts, streams: true) { gate.open() }
        #expect(answer.host == TestHost(1).address)
        #expect(answer.route.hasSuffix("attempts=1; hedged=no"))
        #expect(hosts.requests.count == 1)
    }

    @Test func aSecondHostThatFailsChangesNothing() async throws {
        let gate = Gate()
        let hosts = ScriptedHosts([1: gate.script, 2: { _, _ in .refusing(.overloaded(retryAfterSeconds: 1)) }])
        let answer = try await ask(relay(hosts), hosts, streams: false) {
            while hosts.requests.count < 2 { await Task.yield() }
            gate.open()
        }
        #expect(answer.host == TestHost(1).address)
        #expect(await fees(1) == HonestAnswer.fee)
        #expect(await fees(2) == .zero)
        #expect(try outcomes() == ["answered", "overloaded"])
    }

    @Test func whatIsNotUsedIsGivenBack() async throws {
        let gate = Gate()
        let hosts = ScriptedHosts([2: gate.script])
        let relay = relay(hosts)
        let request = RelayRequest(
            try Fixtures.request(streams: true).completion, body: Fixtures.body(streams: true),
            host: TestHost(2).address)
        let task = Task { try await relay.answer(request) }
        await clock.waitForSleeper()
        clock.advance(by: Limits.hedgeDelayUnknown)
        for _ in 0..<1_000 { await Task.yield() }
        gate.open()
        #expect(try await task.value.host == TestHost(2).address)
        #expect(hosts.requests.count == 1)
        #expect(budget.take())
        #expect(!budget.take())
    }

    @Test func aClientThatLeavesCancelsBoth() async throws {
        let hosts = ScriptedHosts([1: Self.silence, 2: Self.silence])
        let relay = relay(hosts)
        let request = try Fixtures.request()
        let task = Task { try await relay.answer(request) }
        await clock.waitForSleeper()
        while hosts.requests.isEmpty { await Task.yield() }
        clock.advance(by: Limits.hedgeDelayUnknown)
        while hosts.requests.count < 2 { await Task.yield() }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        await expectNothingOpen()
        #expect(await fees(1) == Fixtures.maximum)
        #expect(await fees(2) == Fixtures.maximum)
        #expect(log.latest?.outcome == "client_left")
    }

    /// Three hosts of two minutes each would be six; a request has three.
    @Test func aRequestsTimeIsSharedByItsHosts() async throws {
        let (clock, hosts) = (
            clock, ScriptedHosts([1: Self.headOnly, 2: Self.headOnly, 3: Self.headOnly])
        )
        var relay = relay(hosts, hedges: 0)
        relay.hedges = nil
        let request = try Fixtures.request(streams: true)
        let asking = relay
        let task = Task { try await asking.answer(request) }
        await clock.waitForSleeper()
        clock.advance(by: Limits.firstTokenTimeout)
        while hosts.requests.count < 2 { await Task.yield() }
        await clock.waitForSleeper()
        clock.advance(by: Limits.requestFirstTokenTimeout - Limits.firstTokenTimeout)
        await #expect(throws: OpenAIError.noHostAvailable) { try await task.value }
        #expect(hosts.requests.count == 2)
    }

    private static let headOnly: ScriptedHosts.Script = { host, request in
        EventSource().response(try HonestAnswer(host, to: request).events)
    }
}
