import AsyncHTTPClient
import Logging
import NIOCore
import NIOHTTP1
import OpenAIWire
import Primitives
import Testing

@testable import Gateway

/// Hosts that begin a stream and never come to its first token.
@Suite(.timeLimit(.minutes(1))) struct PreambleTests {
    private let pool = SessionPool.test()

    private func relay(_ hosts: ScriptedHosts, _ limits: AnswerLimits = AnswerLimits()) -> Relay {
        Relay(
            pool: pool, transport: hosts, limits: limits,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private static let opening = ChatCompletionStream(
        id: "chatcmpl-1", created: 1, model: Fixtures.model, includesUsage: false
    ).opening()

    /// What a host can send for ever without giving a token.
    static let preambles = [
        SSEEncoder.event(opening.encoded()), Bytes(Array(repeating: SSEEncoder.keepAlive, count: 20).joined()),
        Bytes(repeating: UInt8(ascii: "\n"), count: 500),
    ]

    @Test(arguments: preambles, [false, true])
    func aHostThatBeginsForEverIsLeftSoon(piece: Bytes, streams: Bool) async throws {
        let source = EndlessSource(piece, bytesMax: 4 << 20)
        let hosts = ScriptedHosts([1: { _, _ in source.response }, 2: ScriptedHosts.answer])
        let answer = try await relay(hosts).answer(try Fixtures.request(streams: streams))
        #expect(answer.host == TestHost(2).address)
        #expect(source.bytesRead <= Limits.preambleBytesMax + piece.count)
        try await answer.drain()
        #expect(hosts.asked == [1, 2].map { TestHost($0).url })
        #expect(await pool.openRequests == 0)
    }

    /// A host that shows again and again that it lives, and one that is silent.
    static let sluggards: [ScriptedHosts.Script] = [
        { _, _ in EndlessSource(SSEEncoder.keepAlive, bytesMax: .max / 2).response },
        { _, _ in
            HTTPClientResponse(
                status: .ok, headers: ["content-type": "text/event-stream"],
                body: .stream(AsyncStream<ByteBuffer>.makeStream().stream))
        },
    ]

    /// The next host would have as little time on a busy machine, so there is none: what this one was left with tells enough.
    @Test(arguments: sluggards.indices) func aHostThatTakesTooLongForItsFirstTokenIsLeft(index: Int) async throws {
        let hosts = ScriptedHosts([1: Self.sluggards[index]])
        let limits = AnswerLimits(firstTokenTimeout: .seconds(1), preambleBytesMax: .max)
        await #expect(throws: OpenAIError.self) { _ = try await relay(hosts, limits).answer(try Fixtures.request()) }
        #expect(hosts.asked.first == TestHost(1).url)
        #expect(await pool.account(TestHost(1))?.fees == Fixtures.maximum, "it may hold an item")
        #expect(await pool.openRequests == 0)
    }
}
