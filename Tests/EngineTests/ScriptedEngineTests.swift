import Cryptography
import EngineAPI
import Foundation
import Primitives
import ProtocolRules
import StubEngine
import Testing

struct ScriptedEngineTests {
    private let prompt: [TokenID] = Array("question".utf8.map(TokenID.init))

    private func request(_ seed: UInt8 = 1, maximumTokens: Int = 40) -> GenerateRequest {
        GenerateRequest(
            prompt: prompt, sampling: .plain, seed: ItemSeed(.sha256([seed])), maximumTokens: maximumTokens)
    }

    private func collect(_ engine: ScriptedEngine, _ request: GenerateRequest) async throws -> [GeneratedToken] {
        try await engine.generate(request).reduce(into: []) { $0.append($1) }
    }

    @Test func givesTheFixedAnswer() async throws {
        let tokens = try await collect(ScriptedEngine(answer: "Grüße!"), request())
        #expect(tokens.map(\.text).joined() == "Grüße!")
        #expect(tokens.last?.end == .endToken)
        #expect(tokens.dropLast().allSatisfy { $0.end == nil })
    }

    @Test func listsTheMostProbableTokensOfEachPosition() async throws {
        let asked = GenerateRequest(
            prompt: prompt, sampling: .greedy, seed: ItemSeed(.sha256([1])), maximumTokens: 6, topLogProbabilities: 20)
        let tokens = try await collect(ScriptedEngine(), asked)
        #expect(tokens.count == 6)
        for token in tokens {
            #expect(token.top.count == 20)
            // At temperature 0 the most probable one is taken, and it is the same number in both places.
            #expect(token.top.first == .init(token: token.token, logProbability: token.logProbabilities.taken))
            #expect(token.top.reduce(0) { $0 + exp($1.logProbability) } < 1.000_01)
        }
        let none = GenerateRequest(prompt: prompt, sampling: .greedy, seed: asked.seed, maximumTokens: 1)
        #expect(try await collect(ScriptedEngine(), none).allSatisfy { $0.top.isEmpty })
        for count in [-1, 21] {
            let refused = GenerateRequest(
                prompt: prompt, sampling: .plain, seed: asked.seed, maximumTokens: 1, topLogProbabilities: count)
            await #expect(throws: EngineError.unsupported(field: "topLogProbabilities")) {
                try await collect(ScriptedEngine(), refused)
            }
        }
    }

    @Test func readsPlainTextWithoutATemplate() throws {
        #expect(try ScriptedEngine().tokenize("a<|im_end|>") == "a<|im_end|>".utf8.map(TokenID.init))
        #expect(throws: EngineError.promptTooLong(tokens: 8, limit: 8)) {
            try ScriptedEngine(contextTokens: 8).tokenize("12345678")
        }
    }

    @Test func sameSeedSameTextOtherSeedOtherText() async throws {
        let engine = ScriptedEngine()
        let first = try await collect(engine, request())
        #expect(first.count == 40)
        #expect(first.last?.end == .maximumTokens)
        #expect(try await collect(engine, request()) == first)
        #expect(try await collect(engine, request(2)) != first)
    }

    /// Noise and penalties are those of the positions that are left.
    @Test func begunAnswersEndAsTheyWouldHave() async throws {
        let engine = ScriptedEngine()
        let sampling = try SamplingParameters(
            temperature: 900_000, presencePenalty: 2_000_000, frequencyPenalty: 500_000)
        func request(begun: [TokenID]) -> GenerateRequest {
            GenerateRequest(
                prompt: prompt, sampling: sampling, seed: ItemSeed(.sha256([1])), maximumTokens: 40, begun: begun)
        }
        let whole = try await collect(engine, request(begun: []))
        for count in [1, 20, 39] {
            let rest = try await collect(engine, request(begun: whole.prefix(count).map(\.token)))
            #expect(rest == Array(whole.dropFirst(count)))
        }
        await #expect(throws: EngineError.unsupported(field: "maximumTokens")) {
            try await collect(engine, request(begun: whole.map(\.token)))
        }
    }

    @Test func honestScorePassesAndEveryChangeFails() async throws {
        let honest = ScriptedEngine()
        let tokens = try await collect(honest, request())
        let output = tokens.map(\.token)
        func check(_ engine: ScriptedEngine, _ output: [TokenID]) async throws -> (distance: UInt64, margin: UInt64) {
            let result = try await engine.score(
                ScoreRequest(prompt: prompt, output: output, sampling: .plain, seed: request().seed))
            let positions = Array(0..<16)
            let own = try #require(Fingerprint(result.logProbabilities, at: positions))
            let stated = try #require(Fingerprint(tokens.map(\.logProbabilities), at: positions))
            let margin = Margin(result, sampling: .plain, seed: request().seed)
            return (try #require(own.difference(from: stated)), margin.microNats)
        }
        #expect(try await check(honest, output) == (0, 0))
        let other = try await check(ScriptedEngine(weights: 1), output)
        #expect(other.distance * 10 > 128 * 32)
        var changed = output
        changed[3] = changed[3] == 0x61 ? 0x62 : 0x61
        #expect(try await check(honest, changed).margin > 3000)
    }

    @Test func failureAtATokenEndsTheStreamThere() async throws {
        let engine = ScriptedEngine(beforeToken: { if $0 == 3 { throw EngineError.failed(reason: "asked to") } })
        var count = 0
        await #expect(throws: EngineError.failed(reason: "asked to")) {
            for try await _ in engine.generate(request()) { count += 1 }
        }
        #expect(count == 3)
    }

    @Test func hangingTokenEndsWithItsTask() async {
        let engine = ScriptedEngine(beforeToken: { position in
            guard position == 1 else { return }
            // Nothing ever comes, until the task is cancelled.
            for await _ in AsyncStream<Void>.makeStream().stream {}
        })
        let task = Task { try await collect(engine, request()) }
        task.cancel()
        #expect((try? await task.value.count) ?? 0 < 40)
    }

    @Test func promptOverTheContextIsRefused() async {
        let engine = ScriptedEngine(contextTokens: 8)
        #expect(throws: EngineError.self) { try engine.render([ChatMessage(role: .user, content: "too long")]) }
        await #expect(throws: EngineError.promptTooLong(tokens: 8, limit: 8)) { try await collect(engine, request()) }
    }
}
