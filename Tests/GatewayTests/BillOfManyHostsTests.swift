import AsyncHTTPClient
import Cryptography
import Logging
import NIOCore
import OpenAIWire
import Primitives
import ProtocolRules
import Synchronization
import Testing

@testable import Gateway

/// What a client is charged where more than one host is asked: once, for the answer that it got.
@Suite(.timeLimit(.minutes(1))) struct BillOfManyHostsTests {
    private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// Keeps what was charged.
    private final class Ledger: Sendable {
        private let entries = Mutex<[Amount]>([])
        var charged: [Amount] { entries.withLock { $0 } }

        func bill() -> Bill { Bill(maximum: Fixtures.maximum) { fee, _ in self.entries.withLock { $0.append(fee) } } }
    }

    private let charges = Ledger()

    private func request(_ more: String = #""seed":7,"stream":true"#) throws -> RelayRequest {
        let body = Bytes(
            #"{"model":"\#(Fixtures.model)","messages":[{"role":"user","content":"Hello"}],"max_tokens":10,\#(more)}"#
                .utf8)
        var request = RelayRequest(try ChatCompletionRequest.parse(body), body: body)
        request.bill = charges.bill()
        return request
    }

    private static func read(_ answer: RelayedAnswer) async throws {
        guard case .stream(let stream) = answer.content else { return }
        while try await stream.next() != nil {}
    }

    private static let breaking: ScriptedHosts.Script = { host, request in
        .breaking(after: Array(try HonestAnswer(host, to: request).events.prefix(2)))
    }

    /// The first host may claim its maximum, at the gateway's expense: the client pays the one receipt that it got.
    @Test func aContinuedAnswerCostsTheReceiptOfTheHostThatEnded() async throws {
        let pool = SessionPool.test()
        let hosts = ScriptedHosts([1: Self.breaking, 2: ScriptedHosts.answer])
        let relay = Relay(pool: pool, transport: hosts, logger: Self.logger)
        try await Self.read(try await relay.answer(try request()))
        #expect(hosts.asked == [1, 2].map { TestHost($0).url })
        #expect(charges.charged == [HonestAnswer.fee])
        #expect(await pool.account(TestHost(1))?.fees == Fixtures.maximum)
    }

    @Test func whatNobodyEndsIsFree() async throws {
        let hosts = ScriptedHosts([1: Self.breaking, 2: Self.breaking])
        let relay = Relay(pool: SessionPool.test(), transport: hosts, logger: Self.logger)
        try await Self.read(try await relay.answer(try request()))
        #expect(hosts.requests.count == 2)
        #expect(charges.charged == [.zero])
    }

    // MARK: Witnesses

    /// Find the executor alive, so that it is asked again.
    private struct Refuting: WitnessTransport {
        func askWitness(_ request: HostRequest) async throws -> WitnessWord { .executorAnswers }
    }

    /// The first try goes unanswered.
    private final class LateHosts: HostTransport {
        private let late = Mutex(Set<String>())
        private let hosts: ScriptedHosts

        init(_ hosts: ScriptedHosts) { self.hosts = hosts }

        var asked: [String] { hosts.asked }

        func send(_ request: HostRequest) async throws -> HTTPClientResponse {
            let isFirst = late.withLock { $0.insert(request.url).inserted }
            if isFirst, request.url == TestHost(1).url { throw HostFault.unreachable("late") }
            return try await hosts.send(request)
        }
    }

    /// The executor's answer to the second try reaches no client; its fee is the gateway's.
    @Test(arguments: [true, false]) func whatAWitnessHasAskedAgainIsNotTheClients(hasAnswer: Bool) async throws {
        let ledger = MemoryLedger()
        await ledger.setSeeds()
        let pool = SessionPool.test(ledger)
        let hosts = LateHosts(hasAnswer ? .honest : ScriptedHosts([1: ScriptedHosts.answer]))
        var relay = Relay(pool: pool, transport: hosts, logger: Self.logger)
        let reporter = MissReporter(pool: pool, hosts: hosts, witnesses: Refuting(), logger: Self.logger)
        relay.misses = reporter.queue
        let answer = try? await relay.answer(try request(#""stream":false"#))
        #expect((answer?.host == TestHost(2).address) == hasAnswer)
        // Before the witnesses are asked: the key's coins are not held back until then.
        let due = hasAnswer ? HonestAnswer.fee : .zero
        #expect(charges.charged == [due])
        var queued = reporter.queue.requests.makeAsyncIterator()
        let unanswered = try #require(await queued.next())
        await reporter.examine(unanswered)
        #expect(await reporter.tally == MissReporter.Tally(asked: 1, refuted: 1))
        #expect(await pool.account(TestHost(1))?.fees == HonestAnswer.fee)
        #expect(charges.charged == [due])
    }

    /// A witness reads the request: a host that a key denies is not asked to be one.
    @Test(arguments: [true, false]) func aDeniedHostIsNoWitness(isDenied: Bool) async throws {
        let ledger = MemoryLedger()
        await ledger.setSeeds()
        let pool = SessionPool.test(ledger)
        var policy = RoutingPolicy()
        // Of three hosts the two others are the witnesses.
        if isDenied { policy.denied = [TestHost(3).address] }
        var asking = try request(#""stream":false"#)
        asking.bill = nil
        asking.policy = KeyPolicy(name: "p", rules: policy)
        let hosts = ScriptedHosts.honest
        let reporter = MissReporter(pool: pool, hosts: hosts, witnesses: Refuting(), logger: Self.logger)
        let engagement = try await pool.engage(asking, excluding: [])
        await pool.release(engagement, fee: .zero, conduct: .failed)
        await reporter.examine(UnansweredRequest(request: asking, engagement: engagement, wasFree: true))
        let expected = isDenied ? MissReporter.Tally(dropped: 1) : MissReporter.Tally(asked: 1, refuted: 1)
        #expect(await reporter.tally == expected)
    }
}
