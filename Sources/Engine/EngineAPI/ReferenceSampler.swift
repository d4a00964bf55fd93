import Foundation
import ProtocolRules

/// Seed-bound sampling in plain Swift (protocol.md section 4): what the C kernel computes, to read and to compare with.
///
/// Raw logits → penalties and bias → what the grammar allows → the 256 highest → ÷ temperature → top-k → top-p → min-p → + Gumbel noise → the maximum.
/// Logits are single precision, everything after the 256 highest is double precision in the order written here. NaN and
/// −∞ never win and have probability 0; +∞ counts as the largest finite number.
public enum ReferenceSampler {
    /// The row with the penalties for the tokens that the output holds already, and the bias: logit − (presence + frequency ·
    /// count − bias), summed in whole millionths, subtracted in double, rounded once.
    public static func penalised(
        _ row: [Float], counts: [TokenID: Int], sampling: SamplingParameters, bias: [TokenBias] = []
    ) -> [Float] {
        var row = row
        for token in row.indices {
            let count = counts[TokenID(token)] ?? 0
            let added = bias.first { $0.token == token }.map { Int64($0.millionths) }
            guard count > 0 || added != nil else { continue }
            let penalty = count > 0 ? Penalty(sampling).millionths(count: count) : 0
            row[token] = Penalty.lower(row[token], by: penalty - (added ?? 0))
        }
        return row
    }

    /// The row with −∞ for every token that may not follow.
    public static func masked(_ row: [Float], allowed: (TokenID) -> Bool) -> [Float] {
        row.indices.map { allowed(TokenID($0)) ? row[$0] : -.infinity }
    }

    /// ln Σ exp over the row; −∞ for a row without a usable logit.
    public static func logSumExp(_ row: [Float]) -> Double {
        let logits = row.map(usable).filter { $0 > -.infinity }.map(Double.init)
        guard let highest = logits.max() else { return -.infinity }
        return highest + log(logits.reduce(0) { $0 + exp($1 - highest) })
    }

    /// The 256 highest logits, descending, ties to the lower id.
    public static func highest(_ row: [Float]) -> [Candidate] {
        let candidates = row.indices.map { Candidate(token: TokenID($0), logit: usable(row[$0])) }
        let sorted = candidates.filter { $0.logit > -.infinity }.sorted {
            ($1.logit, $0.token) < ($0.logit, $1.token)
        }
        return Array(sorted.prefix(SamplingParameters.candidateCount))
    }

    /// The token that the seed binds to a position, or nil for no candidates.
    ///
    /// - Parameter candidates: the row's, as `highest` gives them.
    public static func choose(
        among candidates: [Candidate], sampling: SamplingParameters, noise: TokenNoise, position: UInt32
    ) -> TokenID? {
        guard let first = candidates.first else { return nil }
        let limits = SamplingLimits(sampling)
        guard limits.temperature > 0 else { return first.token }
        let scores = candidates.prefix(keptCount(candidates, limits)).map { candidate in
            let noise = gumbel(noise.uniformBits(position: position, token: candidate.token))
            return (score: Double(candidate.logit) / limits.temperature + noise, token: candidate.token)
        }
        return scores.max { ($0.score, $1.token) < ($1.score, $0.token) }?.token
    }

    /// How many of the descending candidates stay after top-k, top-p (the smallest prefix whose sum reaches p of what is
    /// left) and min-p (of the first's probability). At least 1 of a non-empty list. Temperature above 0.
    static func keptCount(_ candidates: [Candidate], _ limits: SamplingLimits) -> Int {
        var count = limits.topK > 0 ? min(limits.topK, candidates.count) : candidates.count
        guard let first = candidates.first else { return 0 }
        let scaled = Double(first.logit) / limits.temperature
        let probabilities = candidates.prefix(count).map { exp(Double($0.logit) / limits.temperature - scaled) }
        if limits.topP < 1 {
            let wanted = limits.topP * probabilities.reduce(0, +)
            var (sum, kept) = (probabilities[0], 1)
            while kept < count && sum < wanted {
                sum += probabilities[kept]
                kept += 1
            }
            count = kept
        }
        while count > 1 && probabilities[count - 1] < limits.minP { count -= 1 }
        return count
    }

    /// −ln(−ln u) with u = (bits + ½) · 2⁻⁵², in (−3.6, 36.8).
    ///
    /// - Parameter bits: in [0, 2⁵²).
    public static func gumbel(_ bits: UInt64) -> Double { -log(-log(uniform(bits))) }

    /// u = (bits + ½) · 2⁻⁵², in (0, 1), exact.
    static func uniform(_ bits: UInt64) -> Double { (Double(bits) + 0.5) * 0x1p-52 }

    private static func usable(_ logit: Float) -> Float {
        logit.isNaN ? -.infinity : min(logit, .greatestFiniteMagnitude)
    }
}
