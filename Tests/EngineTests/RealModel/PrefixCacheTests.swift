import Cryptography
import EngineAPI
import Primitives
import ProtocolRules
import Testing

@testable import LlamaEngine

/// Answers that go on from what the engine had read already.
@Suite("Prefixes that the real model has already", .enabled(if: RealModel.isThere), .serialized)
struct PrefixCacheTests {
    private static let scope = Hash32.sha256([1])
    private static let other = Hash32.sha256([2])
    private static let question =
        "You are a patient teacher who explains things with short examples from daily life and never uses jargon. "
        + "Why do ships float although they are made of iron, and stones sink?"

    private static func engine(
        sequences: Int = 2, prefixBytes: Int = 64 << 20, steps: StepGate = StepGate()
    ) throws -> LlamaCppEngine {
        var configuration = RealModel.configuration(path: try #require(RealModel.path), sequences: sequences)
        configuration.prefixBytes = prefixBytes
        configuration.failsStep = { steps.pass($0) }
        return try LlamaCppEngine(configuration)
    }

    private static func request(
        _ prompt: [TokenID], scope: Hash32?, seed: UInt8 = 1, maximumTokens: Int = 24
    ) -> GenerateRequest {
        GenerateRequest(
            prompt: prompt, sampling: .plain, seed: RealModel.seed(seed), maximumTokens: maximumTokens,
            ignoresEndTokens: true, cacheScope: scope)
    }

    /// The mean difference of two answers' log-probabilities, in nats, as far as their tokens are the same.
    private static func difference(_ first: [GeneratedToken], _ second: [GeneratedToken]) throws -> Double {
        // The first position always has the same prompt before it; later ones have it while the tokens are the same.
        let common = zip(first, second).prefix { $0.token == $1.token }.count
        let count = min(common + 1, first.count, second.count)
        try #require(count > 0)
        let designated = zip(first, second).prefix(count).map {
            abs($0.logProbabilities.designated - $1.logProbabilities.designated)
        }
        let taken = zip(first, second).prefix(common).map { abs($0.logProbabilities.taken - $1.logProbabilities.taken) }
        return (designated + taken).reduce(0, +) / Double(designated.count + taken.count)
    }

    /// calibration.md takes prefix caches for canonical: what they change has to be far below the threshold of 0.025 nats.
    @Test func changeLittleOfWhatIsNoted() async throws {
        let engine = try Self.engine()
        let prompt = try RealModel.prompt(Self.question)
        var differences: [Double] = []
        for seed in UInt8(1)...4 {
            let plain = try await RealModel.generate(Self.request(prompt, scope: nil, seed: seed), on: engine)
            #expect(plain.allSatisfy { $0.cachedTokens == 0 })
            let cached = try await RealModel.generate(Self.request(prompt, scope: Self.scope, seed: seed), on: engine)
            // The first of the scope finds nothing; the others all of the prompt but its last token.
            #expect(cached.allSatisfy { $0.cachedTokens == (seed == 1 ? 0 : prompt.count - 1) })
            if seed > 1 { differences.append(try Self.difference(plain, cached)) }
        }
        #expect(differences.allSatisfy { $0 < 0.01 }, "\(differences)")
        await engine.stop()
    }

    @Test func cachedAnswersPassTheAudit() async throws {
        let engine = try Self.engine()
        let prompt = try RealModel.prompt(Self.question)
        _ = try await RealModel.generate(Self.request(prompt, scope: Self.scope), on: engine)
        let request = Self.request(prompt, scope: Self.scope, seed: 2, maximumTokens: 64)
        let answer = try await RealModel.generate(request, on: engine)
        #expect(answer.first?.cachedTokens == prompt.count - 1)
        let output = answer.map(\.token)
        let score = try await engine.score(
            ScoreRequest(prompt: prompt, output: output, sampling: .plain, seed: request.seed))
        let margin = Margin(score, sampling: .plain, seed: request.seed)
        #expect(margin.microNats <= ModelThresholds.smolLM2.marginMicroNatsMax)
        let positions = FingerprintPositions.positions(
            outputCount: output.count, promptDigest: TokenDigest.digest(of: prompt),
            outputDigest: TokenDigest.digest(of: output))
        let own = try #require(Fingerprint(score.logProbabilities, at: positions))
        let stated = try #require(Fingerprint(answer.map(\.logProbabilities), at: positions))
        let difference = try #require(own.difference(from: stated))
        #expect(difference * 10 <= ModelThresholds.smolLM2.distanceTenthsMax * UInt64(own.values.count))
        await engine.stop()
    }

    /// Otherwise the time to a first token would tell one account what another one asks.
    @Test func neverCrossScopes() async throws {
        let engine = try Self.engine()
        let prompt = try RealModel.prompt(Self.question)
        for (scope, cached) in [
            (Self.scope, 0), (Self.other, 0), (nil, 0), (Self.scope, prompt.count - 1), (Self.other, prompt.count - 1),
        ] {
            let answer = try await RealModel.generate(Self.request(prompt, scope: scope, maximumTokens: 4), on: engine)
            #expect(answer.map(\.cachedTokens) == [cached, cached, cached, cached])
        }
        await engine.stop()
    }

    @Test func conversationsGoOnFromTheirLastAnswer() async throws {
        let engine = try Self.engine()
        let prompt = try RealModel.prompt(Self.question)
        let first = try await RealModel.generate(Self.request(prompt, scope: Self.scope), on: engine)
        let next = prompt + first.map(\.token) + (try engine.tokenize("And why do icebergs?"))
        let second = try await RealModel.generate(Self.request(next, scope: Self.scope), on: engine)
        // The answer's last token was never fed.
        #expect(second.first?.cachedTokens == prompt.count + first.count - 1)
        let none = try Self.engine(prefixBytes: 0)
        for _ in 0..<2 {
            let answer = try await RealModel.generate(Self.request(prompt, scope: Self.scope), on: none)
            #expect(answer.first?.cachedTokens == 0)
        }
        await none.stop()
        await engine.stop()
    }

    /// Several choices of one request, or a crowd with one system prompt: it is read once.
    @Test func thoseWhoComeTogetherReadOnce() async throws {
        let steps = StepGate(holding: 0)
        let engine = try Self.engine(sequences: 4, steps: steps)
        let prompt = try RealModel.prompt(Self.question)
        let before = Self.request([20, 21], scope: nil, maximumTokens: 1)
        async let blocker = RealModel.generate(before, on: engine)
        await steps.reached()
        let streams = (UInt8(1)...3).map { engine.generate(Self.request(prompt, scope: Self.scope, seed: $0)) }
        let stranger = engine.generate(Self.request(prompt, scope: Self.other))
        steps.open()
        _ = try await blocker
        var cached: [Int] = []
        for stream in streams + [stranger] {
            let tokens = try await stream.reduce(into: [GeneratedToken]()) { $0.append($1) }
            #expect(tokens.count == 24)
            cached.append(tokens[0].cachedTokens)
        }
        #expect(cached == [0, prompt.count - 1, prompt.count - 1, 0])
        await engine.stop()
    }

    /// A score says the same bits whatever was kept before it, and keeps nothing itself.
    @Test func scoresKnowNothingOfThem() async throws {
        let engine = try Self.engine()
        let prompt = try RealModel.prompt(Self.question)
        let scored = ScoreRequest(
            prompt: prompt, output: [20, 21, 22, 23], sampling: .plain, seed: RealModel.seed(1))
        let before = try await engine.score(scored)
        let first = try await RealModel.generate(Self.request(prompt, scope: Self.scope, maximumTokens: 4), on: engine)
        #expect(first.first?.cachedTokens == 0)
        _ = try await RealModel.generate(Self.request(prompt, scope: Self.scope, maximumTokens: 4), on: engine)
        #expect(try await engine.score(scored) == before)
        await engine.stop()
    }
}
