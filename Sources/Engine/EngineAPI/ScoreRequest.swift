import ProtocolRules

/// An answer to check: what `GenerateRequest` says, and the tokens that are claimed to follow from it.
public struct ScoreRequest: Sendable {
    /// At least one token.
    public let prompt: [TokenID]
    /// At least one token.
    public let output: [TokenID]
    public let sampling: SamplingParameters
    public let seed: ItemSeed
    public let constraints: OutputConstraints
    public var turn: EngineTurn

    public init(
        prompt: [TokenID], output: [TokenID], sampling: SamplingParameters, seed: ItemSeed,
        constraints: OutputConstraints = .none, turn: EngineTurn = EngineTurn()
    ) {
        self.constraints = constraints
        self.turn = turn
        self.prompt = prompt
        self.output = output
        self.sampling = sampling
        self.seed = seed
    }
}

/// The model's own view of each output position.
public struct ScoreResult: Sendable, Equatable {
    /// One per output token, in order.
    public let positions: [ScoredPosition]

    public init(positions: [ScoredPosition]) { self.positions = positions }

    /// What a fingerprint is made of.
    public var logProbabilities: [LogProbabilityPair] { positions.map(\.logProbabilities) }
}

/// One output position as the scoring model sees it.
public struct ScoredPosition: Sendable, Equatable {
    /// The token that the answer claims.
    public let token: TokenID
    /// Its logit after penalties; −∞ where the model excludes it.
    public let logit: Float
    public let logProbabilities: LogProbabilityPair
    /// The 256 highest logits after penalties, descending, ties to the lower id. Never empty.
    public let candidates: [Candidate]

    public init(token: TokenID, logit: Float, logProbabilities: LogProbabilityPair, candidates: [Candidate]) {
        self.token = token
        self.logit = logit
        self.logProbabilities = logProbabilities
        self.candidates = candidates
    }
}

/// A token that may be chosen, with its logit after penalties.
public struct Candidate: Sendable, Equatable {
    public let token: TokenID
    public let logit: Float

    public init(token: TokenID, logit: Float) {
        self.token = token
        self.logit = logit
    }
}
