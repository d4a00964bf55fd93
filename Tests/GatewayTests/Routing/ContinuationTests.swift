import AsyncHTTPClient
import Cryptography
import Logging
import NIOCore
import OpenAIWire
import Primitives
import ProtocolRules
import Testing
import WireFormat

@testable import Gateway

/// Streams that break off after their first token, and that another host goes on with. In a fresh pool host 1 is asked first.
@Suite(.timeLimit(.minutes(1))) struct ContinuationTests {
    private let pool = SessionPool.test()
    private let log = RouteLog()

    private func relay(_ hosts: ScriptedHosts) -> Relay {
        Relay(
            pool: pool, transport: hosts, routes: log, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private static func request(_ more: String = #""seed":7"#) throws -> RelayRequest {
        let body = Bytes(
            #"{"model":"\#(Fixtures.model)","messages":[{"role":"user","content":"Hello"}],"stream":true,"max_tokens":10,\#(more)}"#
                .utf8)
        return RelayRequest(try ChatCompletionRequest.parse(body), body: body)
    }

    /// A host that breaks off after some events of its answer.
    private static func breaking(after count: Int) -> ScriptedHosts.Script {
        { host, request in .breaking(after: Array(try HonestAnswer(host, to: request).events.prefix(count))) }
    }

    /// A host that cuts its text into these pieces, under another id.
    private static func writing(_ pieces: [String]) -> ScriptedHosts.Script {
        { host, request in
            var answer = try HonestAnswer(host, to: request)
            answer.pieces = pieces
            let events = answer.events.map { event in
                Bytes(String(decoding: event, as: UTF8.self).replacing("chatcmpl-1", with: "chatcmpl-2").utf8)
            }
            return .answering("text/event-stream", pieces: events)
        }
    }

    private func text(of answer: RelayedAnswer) async throws -> String {
        guard case .stream(let stream) = answer.content else { return "" }
        var all = ByteBuffer()
        while var piece = try await stream.next() { all.writeBuffer(&piece) }
        return String(buffer: all)
    }

    /// The text that a client puts together, and the ids that it saw.
    private static func read(_ body: String) throws -> (text: String, ids: Set<String>, isDone: Bool) {
        var parser = SSEParser()
        var (text, ids, isDone) = ("", Set<String>(), false)
        for event in try parser.consume(Bytes(body.utf8)) {
            switch try ChatCompletionEvent.parse(event) {
            case .chunk(let chunk):
                ids.insert(chunk.id)
                text += chunk.choices.compactMap(\.content).joined()
            case .done: isDone = true
            case .failed: break
            }
        }
        return (text, ids, isDone)
    }

    private func fees(_ host: UInt8) async -> Amount? { await pool.account(TestHost(host))?.fees }

    /// Wherever it breaks and however the other cuts its text: the client gets the same text once.
    @Test(
        arguments: [2, 3],
        [["Good ", "day"], ["G", "ood day"], ["Good day"], ["Good d", "ay"], ["Go", "od ", "d", "ay"]])
    func anotherHostGoesOn(events count: Int, pieces: [String]) async throws {
        let hosts = ScriptedHosts([1: Self.breaking(after: count), 2: Self.writing(pieces)])
        let body = try await text(of: try await relay(hosts).answer(try Self.request()))
        let read = try Self.read(body)
        #expect(read.text == "Good day")
        #expect(read.ids == ["chatcmpl-1"])
        #expect(read.isDone && !body.contains("error"))
        #expect(body.ranges(of: #""role":"assistant""#).count == 1, "it is opened once")
        #expect(hosts.asked == [1, 2].map { TestHost($0).url })
        #expect(await fees(1) == Fixtures.maximum)
        #expect(await fees(2) == HonestAnswer.fee)
        #expect(await pool.openRequests == 0)
        let route = try #require(log.latest)
        #expect(route.outcome == "answered")
        #expect(route.attempts.map(\.outcome) == ["broke_off", "answered"])
        let standing = await pool.board[HostBoard.Key(host: TestHost(1).address, model: Fixtures.model)]?.standing
        #expect(standing?.failures == 1, "another could do it")
    }

    /// The receipt at the end stands for all of the text.
    @Test func theReceiptIsOfTheHostThatEnded() async throws {
        let hosts = ScriptedHosts([1: Self.breaking(after: 2), 2: ScriptedHosts.answer])
        let body = try await text(of: try await relay(hosts).answer(try Self.request()))
        let honest = try HonestAnswer(TestHost(2), to: try #require(hosts.requests.last))
        #expect(body.contains(try #require(honest.gonka["receipt"]?.string)))
    }

    struct Refusal: CustomTestStringConvertible, Sendable {
        let testDescription: String
        var more = #""seed":7"#
        var first = breaking(after: 2)
        var second: ScriptedHosts.Script = ScriptedHosts.answer
        let asked: Int
    }

    static let refusals = [
        Refusal(testDescription: "no seed", more: #""temperature":1"#, asked: 1),
        Refusal(testDescription: "another text", second: writing(["Bad day"]), asked: 2),
        Refusal(testDescription: "a shorter text", second: writing(["Go"]), asked: 2),
        Refusal(testDescription: "the second breaks too", second: breaking(after: 2), asked: 2),
        Refusal(
            testDescription: "the second cannot be reached", second: { _, _ in throw HostFault.unreachable("") },
            asked: 2),
        Refusal(testDescription: "all but the end was sent", first: breaking(after: 4), asked: 1),
    ]

    @Test(arguments: refusals) func elseTheClientIsTold(refusal: Refusal) async throws {
        let hosts = ScriptedHosts([1: refusal.first, 2: refusal.second, 3: ScriptedHosts.answer])
        let body = try await text(of: try await relay(hosts).answer(try Self.request(refusal.more)))
        #expect(body.hasSuffix(String(decoding: SSEEncoder.event(OpenAIError.engineFailed.encoded()), as: UTF8.self)))
        #expect(!body.contains("[DONE]"))
        #expect("Good day".hasPrefix(try Self.read(body).text))
        #expect(hosts.requests.count == refusal.asked)
        #expect(await pool.openRequests == 0)
        #expect(log.latest?.outcome == "broke_off")
    }

    /// At temperature 0 the seed says nothing.
    @Test func temperatureZeroNeedsNoSeed() async throws {
        let hosts = ScriptedHosts([1: Self.breaking(after: 2), 2: ScriptedHosts.answer])
        let body = try await text(of: try await relay(hosts).answer(try Self.request(#""temperature":0"#)))
        #expect(try Self.read(body).text == "Good day")
    }

    @Test func whoeverLeavesMeanwhileLetsGoOfBoth() async throws {
        let source = EventSource()
        let hosts = ScriptedHosts([
            1: Self.breaking(after: 2),
            2: { host, request in source.response(try HonestAnswer(host, to: request).events) },
        ])
        let answer = try await relay(hosts).answer(try Self.request())
        guard case .stream(let stream) = answer.content else { return }
        _ = try await stream.next()
        let reading = Task { try await stream.next() }
        await source.waitForLooks(1)
        reading.cancel()
        await #expect(throws: (any Error).self) { try await reading.value }
        await source.dropped()
        while await pool.openRequests > 0 { await Task.yield() }
        #expect(await fees(2) == Fixtures.maximum)
    }
}
