import AsyncHTTPClient
import Cryptography
import Logging
import NIOCore
import OpenAIWire
import Primitives
import Synchronization
import Testing

@testable import Gateway

/// Whom the failures of whole requests count against. In a fresh pool host 1 is asked first, then 2, then 3.
@Suite(.timeLimit(.minutes(1))) struct BlameTests {
    private let clock = SetClock()

    private func relay(_ hosts: ScriptedHosts, _ pool: SessionPool) -> Relay {
        Relay(pool: pool, transport: hosts, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private func standing(_ host: UInt8, _ pool: SessionPool) async -> HostStanding {
        await pool.board[HostBoard.Key(host: TestHost(host).address, model: Fixtures.model)]?.standing ?? HostStanding()
    }

    /// Hosts that a certain text breaks, each in another way.
    private static func breakable() -> ScriptedHosts {
        func breaks(_ failure: @escaping ScriptedHosts.Script) -> ScriptedHosts.Script {
            { host, request in
                let isBad = String(buffer: request.body).contains("poison")
                return try await isBad ? failure(host, request) : ScriptedHosts.answer(host, request)
            }
        }
        return ScriptedHosts([
            1: breaks { _, _ in .refusing(.engineFailed) }, 2: breaks { _, _ in throw HostFault.timedOut },
            3: breaks { _, _ in throw HostFault.broken("closed") },
        ])
    }

    /// Reference networks lost every host to one caller: here its own request fails, and nobody else's.
    @Test func oneBadRequestQuarantinesNobody() async throws {
        let pool = SessionPool.test(clock: clock)
        let hosts = Self.breakable()
        let relay = relay(hosts, pool)
        let bad = try Fixtures.request(content: "poison")
        for _ in 0..<20 { await #expect(throws: OpenAIError.noHostAvailable) { try await relay.answer(bad) } }
        for host in 1...3 as ClosedRange<UInt8> {
            #expect(await standing(host, pool).failures == 0)
            #expect(await standing(host, pool).grade(at: clock.now, openRequests: 0) == .suspected)
        }
        let before = hosts.requests.count
        for _ in 0..<6 { _ = try await relay.answer(try Fixtures.request()) }
        #expect(hosts.requests.count == before + 6, "each was answered by the first that was asked")
    }

    /// Whoever sends ever new ones may put all hosts in quarantine. All of them is none: the least bad is asked.
    @Test func manyBadRequestsStopNobodyElse() async throws {
        let pool = SessionPool.test(clock: clock)
        let hosts = Self.breakable()
        let relay = relay(hosts, pool)
        for number in 0..<20 {
            let bad = try Fixtures.request(content: "poison \(number)")
            await #expect(throws: OpenAIError.noHostAvailable) { try await relay.answer(bad) }
        }
        for host in 1...3 as ClosedRange<UInt8> { #expect(await standing(host, pool).failures > 0) }
        let before = hosts.requests.count
        for _ in 0..<6 { _ = try await relay.answer(try Fixtures.request()) }
        #expect(hosts.requests.count == before + 6)
    }

    @Test func whatAnotherHostAnswersIsTheFirstOnesFailure() async throws {
        let pool = SessionPool.test(clock: clock)
        let hosts = ScriptedHosts([1: { _, _ in .refusing(.engineFailed) }, 2: ScriptedHosts.answer])
        let answer = try await relay(hosts, pool).answer(try Fixtures.request())
        #expect(answer.host == TestHost(2).address)
        #expect(await standing(1, pool).failures == 1)
        #expect(await standing(2, pool) == HostStanding())
    }

    @Test func loadIsNoFailure() async throws {
        let pool = SessionPool.test(clock: clock)
        let hosts = ScriptedHosts([
            1: { _, _ in .refusing(.overloaded(retryAfterSeconds: 1)) }, 2: ScriptedHosts.answer,
            3: ScriptedHosts.answer,
        ])
        for _ in 0..<2 { _ = try await relay(hosts, pool).answer(try Fixtures.request()) }
        #expect(hosts.asked == [1, 2, 3].map { TestHost($0).url }, "it is let rest for a moment")
        #expect(await standing(1, pool).failures == 0)
        clock.advance(by: .seconds(1))
        _ = try await relay(hosts, pool).answer(try Fixtures.request())
        #expect(hosts.asked.count == 5 && hosts.asked[3] == TestHost(1).url)
    }

    @Test(arguments: [false, true]) func aClientThatLeavesBlamesNobody(streams: Bool) async throws {
        let pool = SessionPool.test(clock: clock)
        let hosts = ScriptedHosts([
            1: { _, _ in
                for await _ in AsyncStream<Never>.makeStream().stream {}
                throw CancellationError()
            }
        ])
        let relay = relay(hosts, pool)
        for _ in 0..<3 {
            let asked = hosts.requests.count
            let request = try Fixtures.request(streams: streams)
            let task = Task { try await relay.answer(request) }
            while hosts.requests.count == asked { await Task.yield() }
            task.cancel()
            _ = await task.result
            #expect(await standing(1, pool) == HostStanding())
            try await pool.upkeep()
            // The next one is to be asked first again.
            for other in [2, 3] as [UInt8] {
                let engagement = try await pool.engage(
                    RelayRequest(
                        request.completion, body: Bytes(buffer: request.body), host: TestHost(other).address),
                    excluding: [])
                await pool.release(engagement, fee: engagement.promise.maximum, conduct: .unknown)
            }
        }
        #expect(Set(hosts.asked) == [TestHost(1).url])
    }

    /// A text that is too long for one host is sent to others at once, and a shorter one is not.
    @Test func aShortContextIsLearnt() async throws {
        let pool = SessionPool.test(clock: clock)
        let hosts = ScriptedHosts([
            1: { host, request in
                request.body.readableBytes > 200
                    ? .refusing(.contextLengthExceeded(contextTokens: 10, requestedTokens: 11))
                    : try await ScriptedHosts.answer(host, request)
            }, 2: ScriptedHosts.answer, 3: ScriptedHosts.answer,
        ])
        let long = try Fixtures.request(content: String(repeating: "x", count: 200))
        for _ in 0..<3 { _ = try await relay(hosts, pool).answer(long) }
        #expect(hosts.asked == [1, 2, 3, 2].map { TestHost($0).url })
        #expect(await standing(1, pool) == HostStanding())
        _ = try await relay(hosts, pool).answer(try Fixtures.request())
        #expect(hosts.asked.last == TestHost(1).url)
    }

    /// A short text that asks for a long answer says nothing of other short ones.
    @Test func aLongAnswerIsNoLongText() async throws {
        let pool = SessionPool.test(deposit: Amount(300_000), clock: clock)
        let hosts = ScriptedHosts([
            1: { host, request in
                String(buffer: request.body).contains("5000")
                    ? .refusing(.contextLengthExceeded(contextTokens: 10, requestedTokens: 11))
                    : try await ScriptedHosts.answer(host, request)
            }, 2: ScriptedHosts.answer, 3: ScriptedHosts.answer,
        ])
        _ = try await relay(hosts, pool).answer(try Fixtures.request(maxTokens: 5_000))
        _ = try await relay(hosts, pool).answer(try Fixtures.request(maxTokens: 10))
        #expect(hosts.asked == [1, 2, 1].map { TestHost($0).url })
    }

    @Test func aHostThatMissedIsAskedAfterOthers() async throws {
        let pool = SessionPool.test(clock: clock)
        let hosts = ScriptedHosts.honest
        let engagement = try await pool.engage(try Fixtures.request(), excluding: [])
        await pool.release(engagement, fee: .zero, conduct: .unknown)
        await pool.note(.missed, of: engagement)
        for _ in 0..<4 { _ = try await relay(hosts, pool).answer(try Fixtures.request()) }
        #expect(hosts.asked == [2, 3, 2, 3].map { TestHost($0).url })
        clock.advance(by: Limits.missMemory)
        _ = try await relay(hosts, pool).answer(try Fixtures.request())
        #expect(hosts.asked.last == TestHost(1).url)
    }
}
