import ProtocolRules

/// One sequence's walk through its output positions: which noise and penalties are due, and what is noted.
///
/// `generate` and `score` share it, so that both see the same numbers. Rows are changed while they are looked at, and
/// put back.
public struct SequenceSampler: Sendable {
    private let sampling: SamplingParameters
    private let noise: TokenNoise
    private let penalty: Penalty
    /// How often the output holds each token; kept only where a penalty needs it.
    private var counts: [TokenID: Int] = [:]
    /// The next output position, from 0.
    public private(set) var position: UInt32 = 0

    /// - Parameter begun: output tokens that were chosen already; the walk starts after them.
    public init(sampling: SamplingParameters, seed: ItemSeed, begun: [TokenID] = []) {
        self.sampling = sampling
        noise = TokenNoise(seed)
        penalty = Penalty(sampling)
        for token in begun { advance(past: token) }
    }

    /// The next token and what is noted about it, or nil for a row without a usable logit.
    ///
    /// - Parameter row: the raw logits, [token]; unchanged afterwards.
    public mutating func choose(
        from row: UnsafeMutableBufferPointer<Float>, with kernel: SamplingKernel
    ) -> (token: TokenID, logProbabilities: LogProbabilityPair)? {
        let chosen = withPenalties(row) { kernel.choose($0, sampling: sampling, noise: noise, position: position) }
        guard let chosen else { return nil }
        let pair = logProbabilities(of: chosen, in: row, with: kernel)
        advance(past: chosen)
        return (chosen, pair)
    }

    /// How the model sees `token` as the next one, or nil for a row without a usable logit.
    ///
    /// - Parameter row: the raw logits, [token]; unchanged afterwards. `token` is one of them.
    public mutating func score(
        _ token: TokenID, in row: UnsafeMutableBufferPointer<Float>, with kernel: SamplingKernel
    ) -> ScoredPosition? {
        let (candidates, logit) = withPenalties(row) { (kernel.highest($0), $0[Int(token)]) }
        guard !candidates.isEmpty else { return nil }
        let pair = logProbabilities(of: token, in: row, with: kernel)
        advance(past: token)
        return ScoredPosition(
            token: token, logit: logit.isNaN ? -.infinity : min(logit, .greatestFiniteMagnitude),
            logProbabilities: pair, candidates: candidates)
    }

    private mutating func advance(past token: TokenID) {
        position += 1
        if !penalty.isZero { counts[token, default: 0] += 1 }
    }

    private func withPenalties<Result>(
        _ row: UnsafeMutableBufferPointer<Float>, _ body: (UnsafeBufferPointer<Float>) -> Result
    ) -> Result {
        let saved = counts.keys.map { ($0, row[Int($0)]) }
        for (token, count) in counts { row[Int(token)] = penalty.applied(to: row[Int(token)], count: count) }
        defer { for (token, logit) in saved { row[Int(token)] = logit } }
        return body(UnsafeBufferPointer(row))
    }

    private func logProbabilities(
        of token: TokenID, in row: UnsafeMutableBufferPointer<Float>, with kernel: SamplingKernel
    ) -> LogProbabilityPair {
        let total = kernel.logSumExp(UnsafeBufferPointer(row))
        let designated = noise.designatedToken(position: position, vocabularySize: UInt32(row.count))
        func logProbability(_ token: TokenID) -> Double {
            let logit = row[Int(token)]
            return logit > -.infinity ? Double(min(logit, .greatestFiniteMagnitude)) - total : -.infinity
        }
        return LogProbabilityPair(taken: logProbability(token), designated: logProbability(designated))
    }
}
