import Cryptography
import Logging
import NIOCore
import OpenAIWire
import Primitives
import ProtocolRules
import TestSupport
import Testing
import WireFormat

@testable import Gateway

/// Answers in one piece, which hosts stream all the same.
@Suite(.timeLimit(.minutes(1))) struct PlainAnswerTests {
    /// As long as a host shows that it works, it is not given up.
    @Test(arguments: [false, true]) func anAnswerMayTakeLongerThanItsFirstToken(streams: Bool) async throws {
        let source = EventSource()
        let hosts = ScriptedHosts([
            1: { host, request in source.response(try HonestAnswer(host, to: request).events) },
            2: ScriptedHosts.answer,
        ])
        let clock = ManualClock()
        let limits = AnswerLimits(clock: clock)
        let pool = SessionPool.test()
        let relay = Relay(
            pool: pool, transport: hosts, limits: limits,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let request = try Fixtures.request(streams: streams)
        source.allow(2)
        let asking = Task {
            let answer = try await relay.answer(request)
            try await answer.drain()
            return answer.host
        }
        // It looks for the third event when it has seen the first token.
        await source.waitForLooks(3)
        clock.advance(by: limits.firstTokenTimeout)
        source.allow(10)
        #expect(try await asking.value == TestHost(1).address)
        #expect(await pool.account(TestHost(1))?.fees == HonestAnswer.fee)
        #expect(hosts.requests.count == 1)
    }

    // MARK: Putting together

    private static let stream = ChatCompletionStream(
        id: "chatcmpl-1", created: 7, model: Fixtures.model, includesUsage: false)

    /// Takes the pieces of several choices as they come, mixed.
    private func answer(_ pieces: [(choice: UInt32, text: String)], choices: UInt32) throws -> PlainAnswer {
        var answer = PlainAnswer(choices: choices)
        for index in 0..<choices {
            let opening = Self.stream.opening(choice: index)
            try answer.add(opening.choices[0], of: opening)
        }
        for piece in pieces {
            let chunk = Self.stream.content(piece.text, choice: piece.choice)
            try answer.add(chunk.choices[0], of: chunk)
        }
        return answer
    }

    private func end(_ index: UInt32, of answer: inout PlainAnswer, output: UInt64) {
        let receipt: JSONValue = ["receipt": .string("\(index)")]
        let chunk = Self.stream.finish(index == 0 ? .stop : .length, choice: index, gonka: receipt)
        answer.end(chunk.choices[0], gonka: receipt, usage: TokenUsage(prompt: 5, cached: 2, output: output))
    }

    @Test func choicesStandInTheirOrderWithTheirReceipts() throws {
        var answer = try answer([(1, "B"), (0, "A"), (1, "b"), (0, "a")], choices: 2)
        end(1, of: &answer, output: 3)
        #expect(answer.response == nil)
        end(0, of: &answer, output: 4)
        let response = try #require(answer.response)
        #expect(
            response.choices == [
                .init(index: 0, content: "Aa", finishReason: .stop),
                .init(index: 1, content: "Bb", finishReason: .length),
            ])
        #expect(response.usage == ChatCompletionUsage(promptTokens: 5, cachedTokens: 2, completionTokens: 7))
        #expect(response.gonka?.array?.compactMap { $0["receipt"]?.string } == ["0", "1"])
        #expect((response.id, response.created, response.model) == ("chatcmpl-1", 7, Fixtures.model))
    }

    @Test func anAnswerWithoutEndIsRefused() throws {
        var answer = PlainAnswer(choices: 1)
        let chunk = Self.stream.content(String(repeating: "x", count: Limits.answerBytesMax / 4))
        for _ in 0..<4 { try answer.add(chunk.choices[0], of: chunk) }
        let one = Self.stream.content("x")
        #expect(throws: HostFault.self) { try answer.add(one.choices[0], of: one) }
    }
}
