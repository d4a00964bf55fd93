import Cryptography
import EngineAPI
import Primitives
import ProtocolRules
import Testing

/// Section 5's margin on candidates small enough to work out by hand.
struct MarginTests {
    private let seed = ItemSeed(.sha256([7]))

    private func position(_ token: TokenID, _ logit: Float, among logits: [Float]) -> ScoredPosition {
        ScoredPosition(
            token: token, logit: logit, logProbabilities: LogProbabilityPair(taken: 0, designated: 0),
            candidates: logits.enumerated().map { Candidate(token: TokenID($0), logit: $1) })
    }

    private func nats(_ scored: ScoredPosition, _ sampling: SamplingParameters) -> Double {
        Margin(ScoreResult(positions: [scored]), sampling: sampling, seed: seed).nats.first ?? .nan
    }

    @Test func atTemperatureZeroTheDistanceOfPlainLogits() {
        #expect(nats(position(0, 5, among: [5, 4.5, 1]), .greedy) == 0)
        #expect(nats(position(1, 4.5, among: [5, 4.5, 1]), .greedy) == 0.5)
        #expect(nats(position(2, 1, among: [5, 4.5, 1]), .greedy) == 2)
    }

    @Test func sumIsDividedByAtLeast32() {
        let half = position(1, 4.5, among: [5, 4.5, 1])
        let one = Margin(ScoreResult(positions: [half]), sampling: .greedy, seed: seed)
        #expect(one.microNats == 15_625)
        #expect(one.matchedPositions == 0)
        let many = Margin(
            ScoreResult(positions: Array(repeating: half, count: 64)), sampling: .greedy, seed: seed)
        #expect(many.microNats == 500_000)
    }

    @Test func anAnswerThatEndsEarlierHasTheMarginOfItsTokens() {
        let (honest, half) = (position(0, 5, among: [5, 4.5, 1]), position(1, 4.5, among: [5, 4.5, 1]))
        let positions = [half] + Array(repeating: honest, count: 50) + [half]
        let whole = Margin(ScoreResult(positions: positions), sampling: .greedy, seed: seed)
        for count in [1, 32, 51, 52] {
            let cut = Margin(ScoreResult(positions: Array(positions.prefix(count))), sampling: .greedy, seed: seed)
            #expect(whole.microNats(ofFirst: count) == cut.microNats)
        }
        #expect(whole.microNats(ofFirst: 52) == whole.microNats)
        #expect(whole.microNats(ofFirst: 0) == 0)
    }

    /// Temperature · (best noisy score of the sure ones − the claimed one's), and nothing for the winner.
    @Test func noisyLeadIsScaledByTheTemperature() throws {
        let sampling = try SamplingParameters(temperature: 500_000)
        let logits: [Float] = [1, 0.9, 0.8, -9]
        let noise = TokenNoise(seed)
        let scores = (0..<3 as Range<TokenID>).map {
            Double(logits[Int($0)]) / 0.5 + ReferenceSampler.gumbel(noise.uniformBits(position: 0, token: $0))
        }
        let best = try #require(scores.max())
        for token in 0..<3 {
            let margin = nats(position(TokenID(token), logits[token], among: logits), sampling)
            #expect(abs(margin - min(2, 0.5 * (best - scores[token]))) < 1e-12)
        }
    }

    /// The lowest candidates are not sure: even if one wins the noise, another claim is not wrong for it.
    @Test func candidatesAtTheEdgeAreNotHeldAgainstAClaim() {
        let flat = Array(repeating: Float(1), count: 256)
        for token in 0..<5 as Range<TokenID> { #expect(nats(position(token, 1, among: flat), .plain) == 0) }
        #expect(nats(position(999, 0.96, among: flat), .plain) == 0)
        let outside = nats(position(999, 0.75, among: flat), .plain)
        #expect(abs(outside - 0.2) < 1e-9)
    }

    /// Where a grammar left two, both are sure: the lower one is no honest choice against the noise.
    @Test func fewCandidatesAreAllSure() {
        let logits: [Float] = [0.1, 0]
        let noise = TokenNoise(seed)
        let scores = (0..<2 as Range<TokenID>).map {
            Double(logits[Int($0)]) + ReferenceSampler.gumbel(noise.uniformBits(position: 0, token: $0))
        }
        let lead = abs(scores[0] - scores[1])
        let loser = scores[0] < scores[1] ? 0 : 1
        #expect(abs(nats(position(TokenID(loser), logits[loser], among: logits), .plain) - min(2, lead)) < 1e-9)
        #expect(nats(position(TokenID(1 - loser), logits[1 - loser], among: logits), .plain) == 0)
        #expect(nats(position(9, -.infinity, among: logits), .plain) == 2)
    }

    @Test func topKCutsWithTheSameSlack() throws {
        let one = try SamplingParameters(topK: 1)
        #expect(nats(position(0, 5, among: [5, 4.96, 1]), one) == 0)
        #expect(nats(position(1, 4.96, among: [5, 4.96, 1]), one) == 0)
        #expect(abs(nats(position(2, 4, among: [5, 4.96, 4]), one) - 0.95) < 1e-9)
    }

    /// Probabilities 0.8, 0.15, 0.05: top-p 0.8 keeps the first; 0.81 would keep two, so the second is tolerated.
    @Test func topPIsLoosenedForTheClaim() throws {
        let logits: [Float] = [-0.22314355, -1.89712, -2.9957323]
        let sampling = try SamplingParameters(topP: 795_000)
        let loose = position(1, logits[1], among: logits)
        let outside = position(2, logits[2], among: logits)
        let noise = TokenNoise(seed)
        func score(_ token: TokenID) -> Double {
            Double(logits[Int(token)]) + ReferenceSampler.gumbel(noise.uniformBits(position: 0, token: token))
        }
        #expect(abs(nats(loose, sampling) - min(2, max(0, score(0) - score(1)))) < 1e-6)
        let distance = Double(logits[1]) - Double(logits[2])
        #expect(abs(nats(outside, sampling) - min(2, max(0, score(0) - score(2)) + distance)) < 1e-6)
    }

    @Test func minPIsLoosenedForTheClaim() throws {
        // Relative probabilities 1, 0.0476, 0.0470: min-p 0.05 keeps one; loosened to 0.0475, the second is tolerated.
        let logits: [Float] = [0, -3.045, -3.058]
        let sampling = try SamplingParameters(minP: 50_000)
        let cut = Double(logits[1])
        let noise = TokenNoise(seed)
        func lead(_ token: TokenID) -> Double {
            func noisy(_ token: TokenID) -> Double {
                Double(logits[Int(token)]) + ReferenceSampler.gumbel(noise.uniformBits(position: 0, token: token))
            }
            return max(0, noisy(0) - noisy(token))
        }
        #expect(abs(nats(position(1, logits[1], among: logits), sampling) - min(2, lead(1))) < 1e-9)
        let outside = min(2, lead(2) + cut - Double(logits[2]))
        #expect(abs(nats(position(2, logits[2], among: logits), sampling) - outside) < 1e-9)
    }

    @Test func emptyResultHasNoMargin() {
        #expect(Margin(ScoreResult(positions: []), sampling: .plain, seed: seed).microNats == 0)
    }
}
