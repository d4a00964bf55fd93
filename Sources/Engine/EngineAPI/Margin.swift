import Foundation
import ProtocolRules

/// How much the claimed tokens lose against the ones that the auditor's own numbers would have chosen (protocol.md
/// section 5). About 0 for an honest answer; a token of another model costs up to 2 nats.
public struct Margin: Sendable, Equatable {
    /// Σ per position ÷ max(positions, 32), in millionths of a nat, rounded half to even; in [0, 2 000 000].
    public let microNats: UInt64
    /// Positions where the auditor would have chosen the same token. Information only.
    public let matchedPositions: Int
    /// What each position adds, in nats, in [0, 2].
    public let nats: [Double]

    /// The least divisor: one honest near-tie must not judge a short answer.
    public static let leastPositions = 32
    /// The most that one position adds, in nats.
    public static let natsMaximum = 2.0

    /// - Parameters:
    ///   - result: the auditor's own run over the claimed tokens.
    ///   - sampling: the item's.
    ///   - seed: the item's.
    public init(_ result: ScoreResult, sampling: SamplingParameters, seed: ItemSeed) {
        let noise = TokenNoise(seed)
        let rule = PositionMargin(limits: SamplingLimits(sampling), noise: noise)
        let positions = result.positions.enumerated().map { rule.evaluate($1, at: UInt32($0)) }
        nats = positions.map { min($0.nats, Margin.natsMaximum) }
        matchedPositions = positions.count { $0.matches }
        microNats = Margin.microNats(nats)
    }

    /// What `microNats` is for the answer that ends after its first `count` tokens.
    public func microNats(ofFirst count: Int) -> UInt64 { Margin.microNats(nats.prefix(count)) }

    private static func microNats(_ nats: some Collection<Double>) -> UInt64 {
        let mean = nats.reduce(0, +) / Double(max(nats.count, leastPositions))
        return UInt64((mean * 1e6).rounded(.toNearestOrEven))
    }
}

/// One position's part of a margin.
private struct PositionMargin {
    let limits: SamplingLimits
    let noise: TokenNoise

    /// What calibration found two honest runs may differ by at the edge of the candidates: in nats of logit, in
    /// cumulated probability, in share of min-p.
    private let logitSlack = 0.05
    private let topPSlack = 0.01
    private let minPSlack = 0.05

    func evaluate(_ scored: ScoredPosition, at position: UInt32) -> (nats: Double, matches: Bool) {
        guard let first = scored.candidates.first else { return (Margin.natsMaximum, false) }
        guard limits.temperature > 0 else {
            return (max(0, Double(first.logit) - Double(scored.logit)), first.token == scored.token)
        }
        let kept = scored.candidates.prefix(ReferenceSampler.keptCount(scored.candidates, limits))
        let own = bestNoisy(kept, position)
        let claimed =
            Double(scored.logit) / limits.temperature
            + ReferenceSampler.gumbel(noise.uniformBits(position: position, token: scored.token))
        let lead = bestNoisy(sureCandidates(scored.candidates), position).map { $0.score - claimed } ?? 0
        let outside = looseCut(scored.candidates) - Double(scored.logit)
        return (limits.temperature * max(0, lead) + max(0, outside), own?.token == scored.token)
    }

    private func bestNoisy(_ candidates: ArraySlice<Candidate>, _ position: UInt32) -> (token: TokenID, score: Double)?
    {
        SamplingKernel.bestNoisy(candidates, temperature: limits.temperature, noise: noise, position: position)
    }

    /// The candidates that every honest run has, too: inside each limit by the slack.
    private func sureCandidates(_ candidates: [Candidate]) -> ArraySlice<Candidate> {
        let tighter = limits.moved(topPShift: -topPSlack, minPScale: 1 + minPSlack)
        let kept = candidates.prefix(ReferenceSampler.keptCount(candidates, tighter))
        let floor = isCutByCount(candidates) ? lowestByCount(candidates) + logitSlack : -.infinity
        return kept.prefix { Double($0.logit) >= floor }
    }

    /// The logit that a token needs to be a candidate in some honest run: the limit that cuts, loosened by its slack.
    private func looseCut(_ candidates: [Candidate]) -> Double {
        let looser = limits.moved(topPShift: topPSlack, minPScale: 1 - minPSlack)
        let kept = ReferenceSampler.keptCount(candidates, looser)
        return kept == candidateCount(candidates)
            ? lowestByCount(candidates) - logitSlack : Double(candidates[kept - 1].logit)
    }

    private func candidateCount(_ candidates: [Candidate]) -> Int {
        limits.topK > 0 ? min(limits.topK, candidates.count) : candidates.count
    }

    /// Whether there may be more tokens than candidates. A grammar often leaves fewer than 256: then each honest run has
    /// the same ones, and none is uncertain.
    private func isCutByCount(_ candidates: [Candidate]) -> Bool {
        candidateCount(candidates) < candidates.count || candidates.count >= SamplingParameters.candidateCount
    }

    /// The lowest logit of the 256, or of the top-k.
    private func lowestByCount(_ candidates: [Candidate]) -> Double {
        Double(candidates[candidateCount(candidates) - 1].logit)
    }
}
