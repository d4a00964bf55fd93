import AsyncHTTPClient
import Logging
import NIOCore
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

    /// However often it shows that it lives, and however silent it is.
    @Test(arguments: [Duration.milliseconds(5), .seconds(60)], [false, true])
    func aHostThatTakesTooLongForItsFirstTokenIsLeft(pause: Duration, streams: Bool) async throws {
        let source = EndlessSource(SSEEncoder.keepAlive, bytesMax: 4 << 20, pause: pause)
        let hosts = ScriptedHosts([1: { _, _ in source.response }, 2: ScriptedHosts.answer])
        let limits = AnswerLimits(firstTokenTimeout: .milliseconds(300))
        let answer = try await relay(hosts, limits).answer(try Fixtures.request(streams: streams))
        #expect(answer.host == TestHost(2).address)
        try await answer.drain()
        #expect(await pool.account(TestHost(1))?.fees == Fixtures.maximum, "it may hold an item")
    }
}
