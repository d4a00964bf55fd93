import Cryptography
import EngineAPI
import Primitives
import ProtocolRules
import Testing

struct SequenceSamplerTests {
    private let seed = ItemSeed(.sha256([4]))

    /// With penalties the sampler must do what the reference does on a penalised copy, and leave the row as it was.
    @Test func penaltiesFollowTheOutput() throws {
        let sampling = try SamplingParameters(
            temperature: 800_000, presencePenalty: 1_500_000, frequencyPenalty: -250_000)
        var random = SplitMix64(seed: 5)
        let kernel = try #require(SamplingKernel(vocabularySize: 300))
        var sampler = SequenceSampler(sampling: sampling, seed: seed)
        var counts: [TokenID: Int] = [:]
        for position in 0..<60 as Range<UInt32> {
            var row = (0..<300).map { _ in random.bell() }
            let before = row
            let chosen = try #require(row.withUnsafeMutableBufferPointer { sampler.choose(from: $0, with: kernel) })
            let penalised = ReferenceSampler.penalised(before, counts: counts, sampling: sampling)
            let expected = ReferenceSampler.choose(
                among: ReferenceSampler.highest(penalised), sampling: sampling, noise: TokenNoise(seed),
                position: position)
            #expect(chosen.token == expected)
            #expect(row == before)
            let total = ReferenceSampler.logSumExp(before)
            #expect(abs(chosen.logProbabilities.taken - (Double(before[Int(chosen.token)]) - total)) < 1e-5)
            counts[chosen.token, default: 0] += 1
        }
        #expect(counts.values.contains { $0 > 1 })
    }

    @Test func scoreSeesWhatChooseSaw() throws {
        let sampling = try SamplingParameters(frequencyPenalty: 2_000_000)
        let kernel = try #require(SamplingKernel(vocabularySize: 300))
        var writer = SequenceSampler(sampling: sampling, seed: seed)
        var reader = SequenceSampler(sampling: sampling, seed: seed)
        var random = SplitMix64(seed: 6)
        var positions: [ScoredPosition] = []
        for _ in 0..<40 {
            var row = (0..<300).map { _ in random.bell() }
            let chosen = try #require(row.withUnsafeMutableBufferPointer { writer.choose(from: $0, with: kernel) })
            let scored = try #require(
                row.withUnsafeMutableBufferPointer { reader.score(chosen.token, in: $0, with: kernel) })
            #expect(scored.logProbabilities == chosen.logProbabilities)
            positions.append(scored)
        }
        let margin = Margin(ScoreResult(positions: positions), sampling: sampling, seed: seed)
        #expect(margin.microNats == 0)
        #expect(margin.matchedPositions == 40)
    }

    @Test func tokenThatTheModelExcludesHasNoProbability() throws {
        let kernel = try #require(SamplingKernel(vocabularySize: 4))
        var sampler = SequenceSampler(sampling: .plain, seed: seed)
        var row: [Float] = [0, -.infinity, .nan, 1]
        let scored = try #require(row.withUnsafeMutableBufferPointer { sampler.score(2, in: $0, with: kernel) })
        #expect(scored.logit == -.infinity)
        #expect(scored.logProbabilities.taken == -.infinity)
        let margin = Margin(ScoreResult(positions: [scored]), sampling: .plain, seed: seed)
        #expect(margin.nats == [2])
    }
}
