import AsyncHTTPClient
import Cryptography
import Logging
import Messages
import NIOCore
import NIOHTTP1
import OpenAIWire
import Primitives
import Synchronization
import Testing
import WireFormat

@testable import Gateway

/// Failover, and what each end of a request costs. In a fresh pool host 1 is asked first, then 2, then 3 (the order in which
/// they were drawn).
@Suite struct RelayTests {
    private static let maximum = Fixtures.maximum

    private let pool = SessionPool.test()

    private func relay(_ hosts: ScriptedHosts) -> Relay {
        Relay(pool: pool, transport: hosts, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// All that the client gets.
    private func text(of answer: RelayedAnswer) async throws -> String {
        switch answer.content {
        case .plain(let body): return String(buffer: body)
        case .stream(let stream):
            var all = ByteBuffer()
            while var piece = try await stream.next() { all.writeBuffer(&piece) }
            return String(buffer: all)
        }
    }

    private func fees(_ host: UInt8) async -> UInt64? { await pool.account(TestHost(host))?.fees.ngonka }

    private func expectNothingOpen(_ location: SourceLocation = #_sourceLocation) async {
        let open = await pool.openRequests
        #expect(open == 0, sourceLocation: location)
    }

    // MARK: When all goes well

    @Test(arguments: [false, true])
    func anAnswerComesThroughByteForByteAndIsPaid(streams: Bool) async throws {
        let hosts = ScriptedHosts.honest
        let request = try Fixtures.request(streams: streams)
        let answer = try await relay(hosts).answer(request)
        let sent = try #require(hosts.requests.first)
        let honest = try HonestAnswer(TestHost(1), to: sent)
        let expected = streams ? honest.events.flatMap { $0 } : honest.plainBody
        #expect(Bytes(sent.body.readableBytesView) == Fixtures.body(streams: streams))
        #expect(answer.host == TestHost(1).address)
        #expect(try await text(of: answer) == String(decoding: expected, as: UTF8.self))
        #expect(await fees(1) == HonestAnswer.fee.ngonka)
        await expectNothingOpen()
    }

    @Test func theVoucherSaysWhatTheHostNeeds() async throws {
        let hosts = ScriptedHosts.honest
        let request = try Fixtures.request()
        _ = try await relay(hosts).answer(request)
        let voucher = try HonestAnswer(TestHost(1), to: try #require(hosts.requests.first)).voucher
        #expect(voucher.isValid(under: Fixtures.sessionKey.publicKey))
        let statement = voucher.statement
        #expect(statement.chainID == Fixtures.chainID)
        #expect(statement.session == 1 && statement.sequence == 1)
        #expect(statement.executor == TestHost(1).address)
        #expect(statement.requestDigest == .sha256(Fixtures.body()))
        #expect(statement.amount == Self.maximum)
        #expect(statement.height == (await pool.chain?.height))
    }

    @Test func theLeastSpentHostIsAskedNext() async throws {
        let hosts = ScriptedHosts.honest
        for _ in 0..<6 { _ = try await relay(hosts).answer(try Fixtures.request()) }
        #expect(hosts.asked == [1, 2, 3, 1, 2, 3].map { TestHost($0).url })
    }

    // MARK: The first host fails before its first token

    struct Failure: CustomTestStringConvertible, Sendable {
        let testDescription: String
        /// What host 1 is counted to have earned.
        let cost: UInt64
        let script: ScriptedHosts.Script

        init(_ name: String, costs cost: Amount = .zero, _ script: @escaping ScriptedHosts.Script) {
            testDescription = name
            self.cost = cost.ngonka
            self.script = script
        }

        static func refusal(_ error: OpenAIError) -> Failure {
            Failure("\(error.code)") { _, _ in .refusing(error) }
        }

        static func changed(_ name: String, _ change: @escaping @Sendable (inout HonestAnswer) -> Void) -> Failure {
            Failure(name, costs: RelayTests.maximum) { host, request in
                var answer = try HonestAnswer(host, to: request)
                change(&answer)
                return answer.response
            }
        }
    }

    static let failures: [Failure] = [
        Failure("refuses the connection") { _, _ in throw HostFault.unreachable("refused") },
        Failure("closes without an answer", costs: maximum) { _, _ in throw HostFault.broken("closed") },
        Failure("is silent", costs: maximum) { _, _ in throw HostFault.timedOut },
        .refusal(.overloaded(retryAfterSeconds: 1)), .refusal(.rateLimitExceeded(retryAfterSeconds: 1)),
        .refusal(.engineFailed), .refusal(.internalError), .refusal(.shuttingDown), .refusal(.sessionNotFound(1)),
        .refusal(.sessionClosed(1)), .refusal(.voucherRequired), .refusal(.voucherSignatureInvalid),
        .refusal(.voucherTooOld(height: 1, oldest: 2)), .refusal(.voucherSequenceReused(1)),
        .refusal(.voucherAmountTooLow(Amount(1), needed: Amount(2))), .refusal(.voucherDigestMismatch),
        .refusal(.allotmentExceeded(Amount(2), allotment: Amount(1))), .refusal(.invalidAPIKey),
        Failure("refuses in another form") { _, _ in .answering(status: .badRequest, pieces: [Bytes("no".utf8)]) },
        Failure("refuses with another status than it says") { _, _ in
            .answering(status: .badRequest, pieces: [OpenAIError.engineFailed.encoded()])
        },
        Failure("refuses without end") { _, _ in
            .answering(
                status: .badRequest, pieces: Array(repeating: Bytes(repeating: 0x20, count: 1 << 14), count: 5))
        },
        Failure("redirects") { _, _ in .answering(status: .temporaryRedirect, pieces: []) },
        Failure("answers in one piece", costs: maximum) { host, request in
            .answering(pieces: [try HonestAnswer(host, to: request).plainBody])
        },
        Failure("answers with a page", costs: maximum) { _, _ in .answering("text/html", pieces: [Bytes("<p>".utf8)]) },
    ]

    /// Nothing has gone to the client, so another host can take over until the end.
    static let plainFailures: [Failure] = [
        Failure("answers with half of it", costs: maximum) { host, request in
            .breaking(after: Array(try HonestAnswer(host, to: request).events.prefix(3)))
        },
        Failure("gives up in the middle", costs: maximum) { host, request in
            .answering(
                "text/event-stream",
                pieces: Array(try HonestAnswer(host, to: request).events.prefix(3))
                    + [SSEEncoder.event(OpenAIError.engineFailed.encoded())])
        },
        Failure("ends without its receipt", costs: maximum) { host, request in
            .answering("text/event-stream", pieces: Array(try HonestAnswer(host, to: request).events.prefix(3)))
        },
        .changed("lies in its receipt") { $0.change = { $0.item.serving?.fee = Amount(50) } },
        .changed("gives another host's receipt") { $0.change = { $0.executor = TestHost(2).address } },
    ]

    static let streamFailures: [Failure] = [
        Failure("dies before its first token", costs: maximum) { host, request in
            .breaking(after: Array(try HonestAnswer(host, to: request).events.prefix(1)))
        },
        Failure("ends before its first token", costs: maximum) { host, request in
            .answering("text/event-stream", pieces: Array(try HonestAnswer(host, to: request).events.prefix(1)))
        },
        Failure("gives up before its first token", costs: maximum) { host, request in
            .answering(
                "text/event-stream",
                pieces: Array(try HonestAnswer(host, to: request).events.prefix(1))
                    + [SSEEncoder.event(OpenAIError.engineFailed.encoded())])
        },
        Failure("is done at once", costs: maximum) { _, _ in
            .answering("text/event-stream", pieces: [SSEEncoder.done])
        },
        Failure("sends no event but a line without end", costs: maximum) { _, _ in
            .answering("text/event-stream", pieces: Array(repeating: Bytes(repeating: 0x20, count: 1 << 18), count: 6))
        },
    ]

    @Test(arguments: failures + streamFailures + plainFailures)
    func aPlainAnswerComesFromTheNextHost(failure: Failure) async throws {
        try await expectFailover(failure, streams: false)
    }

    @Test(arguments: failures + streamFailures) func aStreamComesFromTheNextHost(failure: Failure) async throws {
        try await expectFailover(failure, streams: true)
    }

    private func expectFailover(_ failure: Failure, streams: Bool) async throws {
        let hosts = ScriptedHosts([1: failure.script, 2: ScriptedHosts.answer])
        let answer = try await relay(hosts).answer(try Fixtures.request(streams: streams))
        let honest = try HonestAnswer(TestHost(2), to: try #require(hosts.requests.last))
        let expected = streams ? honest.events.flatMap { $0 } : honest.plainBody
        #expect(answer.host == TestHost(2).address)
        #expect(try await text(of: answer) == String(decoding: expected, as: UTF8.self))
        #expect(hosts.asked == [1, 2].map { TestHost($0).url })
        #expect(await fees(1) == failure.cost)
        #expect(await fees(2) == HonestAnswer.fee.ngonka)
        await expectNothingOpen()
    }

    @Test func aHostThatFailedIsTriedLastForAWhile() async throws {
        let clock = SetClock()
        let pool = SessionPool.test(clock: clock)
        let hosts = ScriptedHosts([2: ScriptedHosts.answer, 3: ScriptedHosts.answer])
        let relay = Relay(pool: pool, transport: hosts, logger: Logger(label: "test"))
        for _ in 0..<3 { _ = try await relay.answer(try Fixtures.request()) }
        #expect(hosts.asked == [1, 2, 3, 2].map { TestHost($0).url })
        clock.advance(by: Limits.quarantineMin)
        _ = try await relay.answer(try Fixtures.request())
        #expect(hosts.asked.suffix(2) == [1, 3].map { TestHost($0).url })
    }

    // MARK: When no host answers

    struct Ending: CustomTestStringConvertible, Sendable {
        let failures: [ScriptedHosts.Script]
        let error: OpenAIError
        var testDescription: String { "\(error.code)" }
    }

    private static let refuse: @Sendable (OpenAIError) -> ScriptedHosts.Script = { error in
        { _, _ in .refusing(error) }
    }
    private static let unreachable: ScriptedHosts.Script = { _, _ in throw HostFault.unreachable("gone") }
    private static let busy = OpenAIError.rateLimitExceeded(retryAfterSeconds: Limits.retryAfterSeconds)

    static let endings: [Ending] = [
        Ending(failures: [unreachable, unreachable, unreachable], error: .noHostAvailable),
        Ending(failures: [unreachable, refuse(.overloaded(retryAfterSeconds: 9)), unreachable], error: busy),
        Ending(failures: [refuse(busy), refuse(busy), refuse(busy)], error: busy),
        Ending(failures: [refuse(.modelNotFound("x")), unreachable, unreachable], error: .noHostAvailable),
    ]

    @Test(arguments: endings, [false, true])
    func theClientIsToldWhatWouldHelp(ending: Ending, streams: Bool) async throws {
        let hosts = ScriptedHosts([1: ending.failures[0], 2: ending.failures[1], 3: ending.failures[2]])
        let request = try Fixtures.request(streams: streams)
        await #expect(throws: ending.error) { try await relay(hosts).answer(request) }
        #expect(hosts.requests.count == 3)
        await expectNothingOpen()
    }

    @Test func noRequestTakesMoreThanItsAttempts() async throws {
        let group = (1...5).map { TestHost($0) }
        let pool = SessionPool.test(MemoryLedger(members: group))
        let hosts = ScriptedHosts([:])
        let relay = Relay(pool: pool, transport: hosts, logger: Logger(label: "test"))
        let request = try Fixtures.request()
        await #expect(throws: OpenAIError.noHostAvailable) { try await relay.answer(request) }
        #expect(hosts.requests.count == Limits.attemptsMax)
    }

    // MARK: After the first token

    /// A host that stops after some events, each time in another way.
    @Test(arguments: 2...4) func aBrokenStreamIsToldAndEndsThere(events count: Int) async throws {
        let hosts = ScriptedHosts([
            1: { host, request in .breaking(after: Array(try HonestAnswer(host, to: request).events.prefix(count))) },
            2: ScriptedHosts.answer,
        ])
        let answer = try await relay(hosts).answer(try Fixtures.request(streams: true))
        let honest = try HonestAnswer(TestHost(1), to: try #require(hosts.requests.first))
        let expected =
            honest.events.prefix(count).flatMap { $0 } + SSEEncoder.event(OpenAIError.engineFailed.encoded())
        #expect(try await text(of: answer) == String(decoding: expected, as: UTF8.self))
        #expect(hosts.requests.count == 1)
        // The fourth has the receipt: more than it says is not owed.
        #expect(await fees(1) == (count == 4 ? HonestAnswer.fee : Self.maximum).ngonka)
        await expectNothingOpen()
    }

    @Test func aStreamWhoseReceiptLiesEndsInAnError() async throws {
        let hosts = ScriptedHosts([
            1: { host, request in
                var answer = try HonestAnswer(host, to: request)
                answer.change = { $0.item.serving?.sequence = 99 }
                return answer.response
            }
        ])
        let answer = try await relay(hosts).answer(try Fixtures.request(streams: true))
        let text = try await text(of: answer)
        #expect(text.hasSuffix(String(decoding: SSEEncoder.event(OpenAIError.engineFailed.encoded()), as: UTF8.self)))
        #expect(!text.contains("[DONE]") && !text.contains("receipt"))
        #expect(await fees(1) == Self.maximum.ngonka)
        await expectNothingOpen()
    }

    @Test func aHostsOwnWordsReachTheClient() async throws {
        let hosts = ScriptedHosts([
            1: { host, request in
                .answering(
                    "text/event-stream",
                    pieces: Array(try HonestAnswer(host, to: request).events.prefix(2))
                        + [SSEEncoder.event(OpenAIError.shuttingDown.encoded())])
            }
        ])
        let answer = try await relay(hosts).answer(try Fixtures.request(streams: true))
        let told = String(decoding: SSEEncoder.event(OpenAIError.shuttingDown.encoded()), as: UTF8.self)
        #expect(try await text(of: answer).hasSuffix(told))
        await expectNothingOpen()
    }

    // MARK: The client leaves

    /// However many events the client has taken when it goes: the host is let go, and the maximum counts.
    @Test(arguments: 0...4) func leavingReleasesOnce(taken: Int) async throws {
        let source = EventSource()
        let hosts = ScriptedHosts([1: { host, request in source.response(try HonestAnswer(host, to: request).events) }])
        source.allow(max(2, taken))
        do {
            let answer = try await relay(hosts).answer(try Fixtures.request(streams: true))
            guard case .stream(let stream) = answer.content else { return }
            if taken > 0 { _ = try await stream.next() }
            await stream.abandon()
            await stream.abandon()
        }
        #expect(await fees(1) == Self.maximum.ngonka)
        await source.dropped()
        await expectNothingOpen()
    }

    /// What the receipt says is all that is owed, whether or not the client waits for the last event.
    @Test func leavingAfterTheReceiptCostsWhatItSays() async throws {
        let source = EventSource()
        let hosts = ScriptedHosts([1: { host, request in source.response(try HonestAnswer(host, to: request).events) }])
        source.allow(4)
        let answer = try await relay(hosts).answer(try Fixtures.request(streams: true))
        guard case .stream(let stream) = answer.content else { return }
        // Pieces that came together are one.
        var read = ""
        while !read.contains("receipt"), let piece = try await stream.next() { read += String(buffer: piece) }
        await stream.abandon()
        #expect(await fees(1) == HonestAnswer.fee.ngonka)
        await expectNothingOpen()
    }

    /// The response that was never written: nobody but the owner's end tells.
    @Test func anAnswerThatNobodyReadsIsReleased() async throws {
        let source = EventSource()
        let hosts = ScriptedHosts([1: { host, request in source.response(try HonestAnswer(host, to: request).events) }])
        source.allow(2)
        do { _ = try await relay(hosts).answer(try Fixtures.request(streams: true)) }
        await source.dropped()
        while await pool.openRequests > 0 { await Task.yield() }
        #expect(await fees(1) == Self.maximum.ngonka)
    }

    @Test(arguments: [false, true]) func leavingBeforeAnyAnswerCancelsTheHost(streams: Bool) async throws {
        let hosts = ScriptedHosts([1: { _, _ in try await Self.untilCancelled() }, 2: ScriptedHosts.answer])
        let relay = relay(hosts)
        let request = try Fixtures.request(streams: streams)
        let task = Task { try await relay.answer(request) }
        while hosts.requests.isEmpty { await Task.yield() }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(hosts.requests.count == 1)
        #expect(await fees(1) == Self.maximum.ngonka)
        await expectNothingOpen()
    }

    private static func untilCancelled() async throws -> HTTPClientResponse {
        for await _ in AsyncStream<Never>.makeStream().stream {}
        throw CancellationError()
    }
}
