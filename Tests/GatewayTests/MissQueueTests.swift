import AsyncHTTPClient
import Cryptography
import Logging
import Messages
import NIOCore
import NIOHTTP1
import OpenAIWire
import Primitives
import ProtocolRules
import Testing

@testable import Gateway

/// What the relay leaves to witnesses, how much of it, and what the book says afterwards.
@Suite(.timeLimit(.minutes(1))) struct MissQueueTests {
    private let pool = SessionPool.test()
    private let queue = MissQueue()
    private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// The first request that was taken; nil where none was.
    private func taken() async -> UnansweredRequest? {
        // One that certainly is taken ends the wait.
        guard let probe = try? await unanswered(by: 3) else { return nil }
        queue.offer(probe)
        for await first in queue.requests {
            return first.engagement.voucher == probe.engagement.voucher ? nil : first
        }
        return nil
    }

    private func unanswered(by host: UInt8 = 1, body: Bytes = Fixtures.body()) async throws -> UnansweredRequest {
        let request = RelayRequest(
            try ChatCompletionRequest.parse(Fixtures.body()), body: body, host: TestHost(host).address)
        let engagement = try await pool.engage(request, excluding: [])
        await pool.release(engagement, fee: .zero, conduct: .unknown)
        return UnansweredRequest(request: request, engagement: engagement, wasFree: true)
    }

    // MARK: What is left to witnesses

    struct Example: CustomTestStringConvertible, Sendable {
        let testDescription: String
        /// Whether it is taken, and whether at no cost.
        let taken: Bool?
        let script: ScriptedHosts.Script

        init(_ name: String, taken: Bool?, _ script: @escaping ScriptedHosts.Script) {
            (testDescription, self.taken, self.script) = (name, taken, script)
        }

        static func refusal(_ error: OpenAIError, taken: Bool?) -> Example {
            Example("\(error.code)", taken: taken) { _, _ in .refusing(error) }
        }
    }

    static let examples: [Example] = [
        Example("no connection", taken: true) { _, _ in throw HostFault.unreachable("refused") },
        Example("closed without an answer", taken: false) { _, _ in throw HostFault.broken("closed") },
        Example("silent", taken: false) { _, _ in throw HostFault.timedOut },
        .refusal(.overloaded(retryAfterSeconds: 1), taken: true),
        .refusal(.rateLimitExceeded(retryAfterSeconds: 1), taken: true),
        .refusal(.shuttingDown, taken: true),
        Example("busy in another form", taken: true) { _, _ in .answering(status: .serviceUnavailable, pieces: []) },
        .refusal(.engineFailed, taken: nil), .refusal(.internalError, taken: nil),
        .refusal(.voucherTooOld(height: 1, oldest: 2), taken: nil), .refusal(.sessionClosed(1), taken: nil),
        .refusal(.contextLengthExceeded(contextTokens: 1, requestedTokens: 2), taken: nil),
        Example("began and broke", taken: nil) { host, request in
            .breaking(after: Array(try HonestAnswer(host, to: request).events.prefix(1)))
        },
        Example("answered", taken: nil, ScriptedHosts.answer),
    ]

    @Test(arguments: examples, [false, true])
    func onlySilenceAndLoadAreLeftToWitnesses(example: Example, streams: Bool) async throws {
        let hosts = ScriptedHosts([1: example.script, 2: ScriptedHosts.answer])
        var relay = Relay(pool: pool, transport: hosts, logger: Self.logger)
        relay.misses = queue
        let answer = try await relay.answer(try Fixtures.request(streams: streams))
        #expect(answer.host == TestHost(example.testDescription == "answered" ? 1 : 2).address)
        let first = await taken()
        #expect(first?.wasFree == example.taken)
        #expect(first.map { $0.engagement.host == TestHost(1).address } ?? true)
    }

    // MARK: How much

    @Test func aFullQueueDropsAndNoRequestNotices() async throws {
        let one = try await unanswered()
        let other = try await unanswered(by: 2)
        for _ in 0..<Limits.missesWaitingMax { #expect(queue.offer(one)) }
        #expect(!queue.offer(other))
        let hosts = ScriptedHosts([2: ScriptedHosts.answer])
        var relay = Relay(pool: pool, transport: hosts, logger: Self.logger)
        relay.misses = queue
        for _ in 0..<3 {
            let answer = try await relay.answer(try Fixtures.request())
            #expect(answer.host == TestHost(2).address)
        }
        queue.finish(one)
        #expect(queue.offer(other))
    }

    @Test func bodiesTogetherAreBounded() async throws {
        let half = Bytes(repeating: 0x20, count: Limits.missesBytesMax / 2)
        let long = try await unanswered(body: half)
        let other = try await unanswered(by: 2)
        #expect(queue.offer(long))
        #expect(queue.offer(long))
        #expect(!queue.offer(other))
        queue.finish(long)
        #expect(queue.offer(other))
    }

    @Test func witnessesAreAskedSoOftenAboutOneExecutorOfASession() async throws {
        let one = try await unanswered()
        let other = try await unanswered(by: 2)
        for _ in 0..<MissRules.missesPerExecutorMax {
            #expect(queue.offer(one))
            queue.finish(one)
        }
        #expect(!queue.offer(one))
        #expect(queue.offer(other))
    }

    // MARK: An executor that answers after all

    /// Witnesses that find the executor alive.
    private struct Refuting: WitnessTransport {
        func askWitness(_ request: HostRequest) async throws -> WitnessWord { .executorAnswers }
    }

    private func reporter(_ hosts: ScriptedHosts, ledger: MemoryLedger, pool: SessionPool) -> MissReporter {
        MissReporter(pool: pool, hosts: hosts, witnesses: Refuting(), logger: Self.logger)
    }

    @Test(arguments: [false, true])
    func anExecutorThatAnswersIsAskedAgainAndPaidByItsReceipt(streams: Bool) async throws {
        let ledger = MemoryLedger()
        await ledger.setSeeds()
        let clock = SetClock()
        let pool = SessionPool.test(ledger, clock: clock)
        let request = RelayRequest(
            try ChatCompletionRequest.parse(Fixtures.body(streams: streams)), body: Fixtures.body(streams: streams))
        let engagement = try await pool.engage(request, excluding: [])
        await pool.release(engagement, fee: .zero, conduct: .failed)
        let hosts = ScriptedHosts.honest
        let reporter = reporter(hosts, ledger: ledger, pool: pool)
        await reporter.examine(UnansweredRequest(request: request, engagement: engagement, wasFree: true))
        #expect(hosts.asked == [engagement.url])
        #expect(hosts.requests.first.map { Bytes(buffer: $0.body) } == Bytes(buffer: request.body))
        #expect(await pool.chain?.book[engagement.key]?.fees == HonestAnswer.fee)
        #expect(await pool.openRequests == 0)
        let standing = try #require(await pool.board[engagement.boardKey]?.standing)
        #expect(standing == HostStanding(), "it stands in the ranking as before")
        #expect(await reporter.tally == MissReporter.Tally(asked: 1, refuted: 1))
    }

    /// Whatever comes of the second try, a request is booked once.
    @Test(arguments: [
        (true, HostFault.unreachable("")), (true, .timedOut), (false, .unreachable("")), (false, .timedOut),
    ])
    func oneBookingIsLeft(wasFree: Bool, fault: HostFault) async throws {
        let ledger = MemoryLedger()
        await ledger.setSeeds()
        let pool = SessionPool.test(ledger)
        let request = try Fixtures.request()
        let engagement = try await pool.engage(request, excluding: [])
        await pool.release(engagement, fee: wasFree ? .zero : engagement.promise.maximum, conduct: .failed)
        let hosts = ScriptedHosts([1: { _, _ in throw fault }, 2: { _, _ in throw fault }, 3: { _, _ in throw fault }])
        await reporter(hosts, ledger: ledger, pool: pool).examine(
            UnansweredRequest(request: request, engagement: engagement, wasFree: wasFree))
        #expect(hosts.asked.count == 1)
        #expect(await pool.chain?.book[engagement.key]?.fees == engagement.promise.maximum)
        #expect(await pool.openRequests == 0)
    }

    @Test func aGroupOfTwoHasNoWitnesses() async throws {
        let ledger = MemoryLedger(members: Array(Fixtures.hosts.prefix(2)))
        await ledger.setSeeds()
        let pool = SessionPool.test(ledger)
        let request = try Fixtures.request()
        let engagement = try await pool.engage(request, excluding: [])
        await pool.release(engagement, fee: .zero, conduct: .failed)
        let hosts = ScriptedHosts.honest
        let reporter = reporter(hosts, ledger: ledger, pool: pool)
        await reporter.examine(UnansweredRequest(request: request, engagement: engagement, wasFree: true))
        #expect(await reporter.tally == MissReporter.Tally(dropped: 1))
        #expect(hosts.asked.isEmpty)
        #expect(await pool.chain?.book[engagement.key]?.fees == .zero)
    }
}
