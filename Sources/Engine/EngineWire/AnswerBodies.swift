import EngineAPI
import ProtocolRules

/// A pair of log-probabilities, in nats; null for −∞, and never missing: what nobody says is not the same as what cannot be.
struct PairBody: Codable, Sendable {
    let pair: LogProbabilityPair

    private enum CodingKeys: String, CodingKey {
        case taken, designated
    }

    init(_ pair: LogProbabilityPair) { self.pair = pair }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        func number(_ key: CodingKeys) throws -> Double {
            try container.decodeNil(forKey: key) ? -.infinity : try container.decode(Double.self, forKey: key)
        }
        pair = LogProbabilityPair(taken: try number(.taken), designated: try number(.designated))
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        func write(_ number: Double, _ key: CodingKeys) throws {
            if number.isFinite {
                try container.encode(number, forKey: key)
            } else {
                try container.encodeNil(forKey: key)
            }
        }
        try write(pair.taken, .taken)
        try write(pair.designated, .designated)
    }
}

/// `GeneratedToken`.
public struct TokenBody: Codable, Sendable {
    let token: TokenID
    let text: String
    let logProbabilities: PairBody
    /// `end_token` or `maximum_tokens` at the last token.
    let end: String?
    /// The most probable tokens and their log-probabilities, two lists of one length; missing where none were asked for.
    let topTokens: [TokenID]?
    let topLogProbabilities: [Double]?
    /// Missing for 0.
    let cachedTokens: Int?

    private enum CodingKeys: String, CodingKey {
        case token, text, end
        case logProbabilities = "log_probabilities"
        case topTokens = "top_tokens"
        case topLogProbabilities = "top_log_probabilities"
        case cachedTokens = "cached_tokens"
    }

    public init(_ token: GeneratedToken) {
        self.token = token.token
        text = token.text
        logProbabilities = PairBody(token.logProbabilities)
        end = token.end.map { $0 == .endToken ? "end_token" : "maximum_tokens" }
        topTokens = token.top.isEmpty ? nil : token.top.map(\.token)
        topLogProbabilities = token.top.isEmpty ? nil : token.top.map(\.logProbability)
        cachedTokens = token.cachedTokens == 0 ? nil : token.cachedTokens
    }

    /// - Throws: `EngineError.failed` for a word that is none, and for lists of two lengths.
    public func generated() throws(EngineError) -> GeneratedToken {
        let ending: GenerationEnd?
        switch end {
        case nil: ending = nil
        case "end_token": ending = .endToken
        case "maximum_tokens": ending = .maximumTokens
        default: throw .failed(reason: "a token ends in no way that is known")
        }
        let (tokens, numbers) = (topTokens ?? [], topLogProbabilities ?? [])
        guard tokens.count == numbers.count else { throw .failed(reason: "the most probable tokens have no numbers") }
        return GeneratedToken(
            token: token, text: text, logProbabilities: logProbabilities.pair, end: ending,
            top: zip(tokens, numbers).map { TokenLogProbability(token: $0, logProbability: $1) },
            cachedTokens: cachedTokens ?? 0)
    }
}

/// `ScoredPosition`; candidates as two lists of one length, in order.
public struct PositionBody: Codable, Sendable {
    let token: TokenID
    /// Null for −∞.
    let logit: Float?
    let logProbabilities: PairBody
    let candidateTokens: [TokenID]
    let candidateLogits: [Float]

    private enum CodingKeys: String, CodingKey {
        case token, logit
        case logProbabilities = "log_probabilities"
        case candidateTokens = "candidate_tokens"
        case candidateLogits = "candidate_logits"
    }

    public init(_ position: ScoredPosition) {
        token = position.token
        logit = position.logit.isFinite ? position.logit : nil
        logProbabilities = PairBody(position.logProbabilities)
        // What the model excludes is no candidate; −∞ ends the list.
        let candidates = position.candidates.prefix { $0.logit.isFinite }
        candidateTokens = candidates.map(\.token)
        candidateLogits = candidates.map(\.logit)
    }

    /// - Throws: `EngineError.failed` where there is no candidate, there are too many, or they do not descend.
    public func position() throws(EngineError) -> ScoredPosition {
        let candidates = zip(candidateTokens, candidateLogits).map { Candidate(token: $0, logit: $1) }
        guard candidates.count == candidateTokens.count, candidates.count == candidateLogits.count,
            (1...SamplingParameters.candidateCount).contains(candidates.count),
            zip(candidates, candidates.dropFirst()).allSatisfy({ $0.logit >= $1.logit })
        else { throw .failed(reason: "the candidates of a position are not its highest logits") }
        return ScoredPosition(
            token: token, logit: logit ?? -.infinity, logProbabilities: logProbabilities.pair, candidates: candidates)
    }
}
