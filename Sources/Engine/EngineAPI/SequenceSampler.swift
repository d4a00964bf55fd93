import Grammar
import ProtocolRules

/// One sequence's walk through its output positions: which noise, penalties and constraints are due, and what is noted.
///
/// `generate` and `score` share it, so that both see the same numbers. Rows are changed while they are looked at, and
/// put back.
public struct SequenceSampler: Sendable {
    private let sampling: SamplingParameters
    private let noise: TokenNoise
    private let penalty: Penalty
    /// What is added to a token's logit, in millionths.
    private let bias: [TokenID: Int64]
    private var walk: GrammarWalk?
    /// How often the output holds each token; kept only where a penalty needs it.
    private var counts: [TokenID: Int] = [:]
    /// The next output position, from 0.
    public private(set) var position: UInt32 = 0

    /// - Parameters:
    ///   - constraints: as `TokenVocabulary.prepare` gives them.
    ///   - begun: output tokens that were chosen already; the walk starts after them.
    public init(
        sampling: SamplingParameters, seed: ItemSeed, constraints: PreparedConstraints = .none, begun: [TokenID] = []
    ) {
        self.sampling = sampling
        noise = TokenNoise(seed)
        penalty = Penalty(sampling)
        bias = Dictionary(constraints.bias.map { ($0.token, Int64($0.millionths)) }) { first, _ in first }
        walk = constraints.grammar.map(GrammarWalk.init)
        for token in begun { advance(past: token) }
    }

    /// The next token and what is noted about it, or nil for a row without a usable logit that the grammar allows.
    ///
    /// - Parameter row: the raw logits, [token]; unchanged afterwards.
    public mutating func choose(
        from row: UnsafeMutableBufferPointer<Float>, with kernel: SamplingKernel
    ) -> (token: TokenID, logProbabilities: LogProbabilityPair)? {
        let mask = walk?.mask
        guard walk == nil || mask != nil else { return nil }
        let chosen = withAdjustments(row) { adjusted in
            let allowed = mask.map { kernel.masked(adjusted, by: $0) } ?? adjusted
            return kernel.choose(allowed, sampling: sampling, noise: noise, position: position)
        }
        guard let chosen else { return nil }
        let pair = logProbabilities(of: chosen, in: row, with: kernel)
        advance(past: chosen)
        return (chosen, pair)
    }

    /// How the model sees `token` as the next one, or nil for a row without a usable logit.
    ///
    /// A token that the grammar does not allow has the logit −∞, and so has every token after it: such an answer is wrong to
    /// its end, however long it is. Candidates are then those of the row without the grammar.
    ///
    /// - Parameter row: the raw logits, [token]; unchanged afterwards. `token` is one of them.
    public mutating func score(
        _ token: TokenID, in row: UnsafeMutableBufferPointer<Float>, with kernel: SamplingKernel
    ) -> ScoredPosition? {
        let mask = walk?.mask
        let isAllowed = walk == nil || mask?.contains(token) == true
        let (candidates, logit) = withAdjustments(row) { adjusted in
            let masked = kernel.highest(mask.map { kernel.masked(adjusted, by: $0) } ?? adjusted)
            return (masked.isEmpty ? kernel.highest(adjusted) : masked, isAllowed ? adjusted[Int(token)] : -.infinity)
        }
        guard !candidates.isEmpty else { return nil }
        let pair = logProbabilities(of: token, in: row, with: kernel)
        advance(past: token)
        return ScoredPosition(
            token: token, logit: logit.isNaN ? -.infinity : min(logit, .greatestFiniteMagnitude),
            logProbabilities: pair, candidates: candidates)
    }

    /// Why `choose` gave nothing, for an error's text.
    public var deadEnd: String {
        walk.map { $0.mask == nil } == true
            ? "the grammar allows no token here" : "the model gave no usable logit"
    }

    private mutating func advance(past token: TokenID) {
        position += 1
        if !penalty.isZero { counts[token, default: 0] += 1 }
        walk?.advance(past: token)
    }

    private func withAdjustments<Result>(
        _ row: UnsafeMutableBufferPointer<Float>, _ body: (UnsafeBufferPointer<Float>) -> Result
    ) -> Result {
        // Each token once, so the order does not matter.
        let tokens = Set(counts.keys).union(bias.keys)
        let saved = tokens.map { ($0, row[Int($0)]) }
        for token in tokens {
            let penalty = counts[token].map { self.penalty.millionths(count: $0) } ?? 0
            row[Int(token)] = Penalty.lower(row[Int(token)], by: penalty - (bias[token] ?? 0))
        }
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
