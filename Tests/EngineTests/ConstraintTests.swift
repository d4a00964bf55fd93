import Cryptography
import EngineAPI
import Primitives
import ProtocolRules
import StubEngine
import Testing

/// Bias and grammar in seed-bound sampling, against the plain reference.
struct ConstraintTests {
    private let seed = ItemSeed(.sha256([11]))
    /// 256 bytes, an end token, a control token, and some longer pieces.
    private static let pieces: [Bytes] =
        (0...255 as ClosedRange<UInt8>).map { [$0] } + [Bytes("</s>".utf8), [], Bytes("ab".utf8), Bytes("{\"a".utf8)]
    private static let vocabulary = TokenVocabulary(pieces: pieces, endTokens: [256])
    private static let grammar = "root ::= \"{\" [a-z]{1,40} \"}\""
    private static let bias = [
        TokenBias(token: 98, millionths: 3_500_000), TokenBias(token: 99, millionths: -100_000_000),
    ]

    /// What the grammar above allows after `text`, by hand.
    private static func allows(_ token: TokenID, after text: Bytes) -> Bool {
        if token == 256 { return text.last == UInt8(ascii: "}") }
        var whole = text + pieces[Int(token)]
        guard !pieces[Int(token)].isEmpty, whole.first == UInt8(ascii: "{") else { return false }
        let isClosed = whole.last == UInt8(ascii: "}")
        if isClosed { whole.removeLast() }
        let letters = whole.dropFirst()
        return letters.count <= 40 && letters.allSatisfy { (0x61...0x7a).contains($0) }
            && !(isClosed && letters.isEmpty)
    }

    @Test func samplerDoesWhatTheReferenceDoes() throws {
        let sampling = try SamplingParameters(temperature: 900_000, topP: 950_000, presencePenalty: 700_000)
        let constraints = try Self.vocabulary.prepare(OutputConstraints(bias: Self.bias, grammar: Self.grammar))
        let kernel = try #require(SamplingKernel(vocabularySize: Self.pieces.count))
        for run in 0..<20 as Range<UInt64> {
            var random = SplitMix64(seed: run)
            var writer = SequenceSampler(sampling: sampling, seed: seed, constraints: constraints)
            var reader = SequenceSampler(sampling: sampling, seed: seed, constraints: constraints)
            var (text, counts, positions): (Bytes, [TokenID: Int], [ScoredPosition]) = ([], [:], [])
            for position in 0..<50 as Range<UInt32> {
                var row = Self.pieces.map { _ in random.bell() }
                let before = row
                let chosen = row.withUnsafeMutableBufferPointer { writer.choose(from: $0, with: kernel) }
                let token = try #require(chosen).token
                #expect(row == before)
                #expect(token == Self.reference(before, text, counts, sampling, seed, position))
                let scored = row.withUnsafeMutableBufferPointer { reader.score(token, in: $0, with: kernel) }
                positions.append(try #require(scored))
                #expect(positions.last?.logProbabilities == chosen?.logProbabilities)
                counts[token, default: 0] += 1
                if token == 256 { break }
                text += Self.pieces[Int(token)]
            }
            #expect(text.first == UInt8(ascii: "{") && text.last == UInt8(ascii: "}") && counts[256] == 1)
            #expect(counts[99] == nil)
            let margin = Margin(ScoreResult(positions: positions), sampling: sampling, seed: seed)
            #expect(margin.microNats == 0 && margin.matchedPositions == positions.count)
        }
    }

    private static func reference(
        _ row: [Float], _ text: Bytes, _ counts: [TokenID: Int], _ sampling: SamplingParameters, _ seed: ItemSeed,
        _ position: UInt32
    ) -> TokenID? {
        let adjusted = ReferenceSampler.penalised(row, counts: counts, sampling: sampling, bias: bias)
        let masked = ReferenceSampler.masked(adjusted) { allows($0, after: text) }
        return ReferenceSampler.choose(
            among: ReferenceSampler.highest(masked), sampling: sampling, noise: TokenNoise(seed), position: position)
    }

    /// One token outside costs the most that a position can, and so does all that follows it.
    @Test func whatLeavesTheGrammarHasTheFullMargin() throws {
        let constraints = try Self.vocabulary.prepare(OutputConstraints(grammar: Self.grammar))
        let kernel = try #require(SamplingKernel(vocabularySize: Self.pieces.count))
        for sampling in [SamplingParameters.plain, .greedy] {
            var sampler = SequenceSampler(sampling: sampling, seed: seed, constraints: constraints)
            var random = SplitMix64(seed: 8)
            let positions = try Bytes("{A}b".utf8).map(TokenID.init).map { token in
                var row = Self.pieces.map { _ in random.bell() }
                // Only what is forced is at its honest place.
                if token == 0x7b { row[0x7b] = 90 }
                return try #require(row.withUnsafeMutableBufferPointer { sampler.score(token, in: $0, with: kernel) })
            }
            let margin = Margin(ScoreResult(positions: positions), sampling: sampling, seed: seed)
            #expect(margin.nats == [0, 2, 2, 2])
            #expect(positions.dropFirst().allSatisfy { $0.logit == -.infinity && !$0.candidates.isEmpty })
        }
    }

    @Test func begunTokensAreWalkedPast() throws {
        let begun = Bytes("{q".utf8).map(TokenID.init)
        let constraints = try Self.vocabulary.prepare(OutputConstraints(grammar: Self.grammar), begun: begun)
        let kernel = try #require(SamplingKernel(vocabularySize: Self.pieces.count))
        var sampler = SequenceSampler(sampling: .greedy, seed: seed, constraints: constraints, begun: begun)
        var row = [Float](repeating: 0, count: Self.pieces.count)
        row[0x7d] = 1
        row[0x21] = 2
        let chosen = row.withUnsafeMutableBufferPointer { sampler.choose(from: $0, with: kernel) }
        #expect(chosen?.token == 0x7d)
    }

    @Test func aGrammarThatNoTokenSpellsIsADeadEnd() throws {
        let vocabulary = TokenVocabulary(pieces: [[0x61], [], []], endTokens: [1])
        let constraints = try vocabulary.prepare(OutputConstraints(grammar: "root ::= \"b\""))
        let kernel = try #require(SamplingKernel(vocabularySize: 3))
        var sampler = SequenceSampler(sampling: .plain, seed: seed, constraints: constraints)
        var row: [Float] = [1, 2, 3]
        let chosen = row.withUnsafeMutableBufferPointer { sampler.choose(from: $0, with: kernel) }
        #expect(chosen == nil)
        #expect(sampler.deadEnd.contains("grammar"))
    }

    @Test func whatCannotBeServedIsRefusedByName() {
        func refusal(
            _ constraints: OutputConstraints, begun: [TokenID] = [], ignoresEndTokens: Bool = false
        ) -> EngineError? {
            do {
                _ = try Self.vocabulary.prepare(constraints, begun: begun, ignoresEndTokens: ignoresEndTokens)
            } catch { return error }
            return nil
        }
        func bias(_ pairs: [(TokenID, Int32)]) -> OutputConstraints {
            OutputConstraints(bias: pairs.map { TokenBias(token: $0.0, millionths: $0.1) })
        }
        let grammar = OutputConstraints(grammar: Self.grammar)
        #expect(refusal(grammar) == nil && refusal(bias([(1, 5), (259, -100_000_000)])) == nil)
        #expect(refusal(OutputConstraints(grammar: "root ::= x")) == .unsupported(field: "grammar"))
        #expect(
            refusal(OutputConstraints(grammar: String(repeating: " ", count: 300_000)))
                == .unsupported(field: "grammar"))
        #expect(refusal(grammar, ignoresEndTokens: true) == .unsupported(field: "ignoresEndTokens"))
        #expect(refusal(grammar, begun: [0x61]) == .unsupported(field: "begun"))
        for bad in [bias([(260, 1)]), bias([(2, 1), (1, 1)]), bias([(1, 1), (1, 1)]), bias([(1, 100_000_001)])] {
            #expect(refusal(bad) == .unsupported(field: "bias"))
        }
        #expect(refusal(bias((0...1024).map { ($0 % 260, 1) })) == .unsupported(field: "bias"))
    }

    /// The grammars that were asked for last are kept, and those before them made again: nothing but time depends on it.
    @Test func forgottenGrammarsAreMadeAgain() throws {
        let kernel = try #require(SamplingKernel(vocabularySize: Self.pieces.count))
        func first(_ letter: Int) throws -> TokenID? {
            let grammar = "root ::= \"\(Character(Unicode.Scalar(UInt8(0x61 + letter))))\""
            let constraints = try Self.vocabulary.prepare(OutputConstraints(grammar: grammar))
            var sampler = SequenceSampler(sampling: .plain, seed: seed, constraints: constraints)
            var row = [Float](repeating: 0, count: Self.pieces.count)
            return row.withUnsafeMutableBufferPointer { sampler.choose(from: $0, with: kernel) }?.token
        }
        for _ in 0..<2 {
            for letter in 0..<(2 * TokenVocabulary.grammarsMax) { #expect(try first(letter) == TokenID(0x61 + letter)) }
        }
    }

    @Test func stubHonoursConstraints() async throws {
        let engine = ScriptedEngine()
        let prompt = try engine.render([ChatMessage(role: .user, content: "hi")])
        let constraints = OutputConstraints(grammar: Self.grammar)
        let request = GenerateRequest(
            prompt: prompt, sampling: .plain, seed: seed, maximumTokens: 60, constraints: constraints)
        let answer = try await engine.generate(request).reduce(into: []) { $0.append($1) }
        #expect(answer.map(\.text).joined().hasPrefix("{") && answer.last?.end == .endToken)
        func score(_ output: [TokenID]) async throws -> Margin {
            let result = try await engine.score(
                ScoreRequest(prompt: prompt, output: output, sampling: .plain, seed: seed, constraints: constraints))
            return Margin(result, sampling: .plain, seed: seed)
        }
        #expect(try await score(answer.map(\.token)).microNats == 0)
        #expect(try await score(Bytes("plain text".utf8).map(TokenID.init)).microNats > 500_000)
    }
}
