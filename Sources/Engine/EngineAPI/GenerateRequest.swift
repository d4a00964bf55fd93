import Primitives
import ProtocolRules

/// One answer to generate.
public struct GenerateRequest: Sendable {
    /// At least one token, as `Engine.render` gave them.
    public let prompt: [TokenID]
    public let sampling: SamplingParameters
    public let seed: ItemSeed
    /// At least 1, what is begun included. The answer also ends where prompt and output fill the context.
    public let maximumTokens: Int
    /// The answer's first tokens, where somebody chose them already: fewer than `maximumTokens`. Only those after them are
    /// generated, with the noise and the penalties of their positions.
    public let begun: [TokenID]
    /// Whether end tokens count as any other: work of a fixed length.
    public let ignoresEndTokens: Bool
    public let constraints: OutputConstraints
    /// How many of the most probable tokens each position lists, in [0, 20].
    public let topLogProbabilities: Int
    /// Whose requests may share what the engine keeps of earlier prompts; nil for nobody's. Only the time to the first token
    /// depends on it.
    public let cacheScope: Hash32?
    public var turn: EngineTurn

    /// The most of `topLogProbabilities`.
    public static let topLogProbabilitiesMax = 20

    public init(
        prompt: [TokenID], sampling: SamplingParameters, seed: ItemSeed, maximumTokens: Int,
        begun: [TokenID] = [], ignoresEndTokens: Bool = false, constraints: OutputConstraints = .none,
        topLogProbabilities: Int = 0, cacheScope: Hash32? = nil, turn: EngineTurn = EngineTurn()
    ) {
        self.prompt = prompt
        self.sampling = sampling
        self.seed = seed
        self.maximumTokens = maximumTokens
        self.begun = begun
        self.ignoresEndTokens = ignoresEndTokens
        self.constraints = constraints
        self.topLogProbabilities = topLogProbabilities
        self.cacheScope = cacheScope
        self.turn = turn
    }
}

/// One token of an answer, in order. An end token is one too: it is counted, digested and paid.
public struct GeneratedToken: Sendable, Equatable {
    public let token: TokenID
    /// The whole characters that this token completes, perhaps none; the texts of all tokens make the answer's text.
    public let text: String
    public let logProbabilities: LogProbabilityPair
    /// Set on the last token only.
    public let end: GenerationEnd?
    /// As many as the request asked for, most probable first, ties to the lower id; fewer where the model excludes all others.
    public let top: [TokenLogProbability]
    /// How many of the prompt's tokens the engine had already; the same for every token of an answer.
    public let cachedTokens: Int

    public init(
        token: TokenID, text: String, logProbabilities: LogProbabilityPair, end: GenerationEnd?,
        top: [TokenLogProbability] = [], cachedTokens: Int = 0
    ) {
        self.token = token
        self.text = text
        self.logProbabilities = logProbabilities
        self.end = end
        self.top = top
        self.cachedTokens = cachedTokens
    }
}

/// Why an engine stopped by itself.
public enum GenerationEnd: Sendable, Equatable {
    /// The model chose an end token.
    case endToken
    /// The request's limit, or the context's end.
    case maximumTokens
}

/// What the engine notes at one output position, in nats, at temperature 1 over the whole vocabulary, before penalties;
/// −∞ for a token that the model excludes.
public struct LogProbabilityPair: Sendable, Equatable {
    /// Of the token that was taken.
    public let taken: Double
    /// Of the token that the seed designated for this position.
    public let designated: Double

    public init(taken: Double, designated: Double) {
        self.taken = taken
        self.designated = designated
    }
}
