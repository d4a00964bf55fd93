import ProtocolRules

/// What a request demands of its answer's tokens beside sampling. Executor and auditor derive the same from the request's
/// body, so a choice made under constraints is as checkable as any other (ADR 18).
public struct OutputConstraints: Sendable, Equatable {
    /// Added to raw logits beside the penalties. Ascending by token, no token twice.
    public let bias: [TokenBias]
    /// A grammar in GBNF whose root the answer's whole text is a word of; nil for any text. Tokens that lead out of it are
    /// excluded before the highest candidates are taken, and an end token counts only where the text is complete.
    public let grammar: String?

    /// Any answer.
    public static let none = OutputConstraints()

    /// The most tokens with a bias.
    public static let biasMax = 1024

    public init(bias: [TokenBias] = [], grammar: String? = nil) {
        self.bias = bias
        self.grammar = grammar
    }
}

/// What is added to one token's raw logit.
public struct TokenBias: Sendable, Equatable {
    public let token: TokenID
    /// In [−100 000 000, 100 000 000].
    public let millionths: Int32

    public init(token: TokenID, millionths: Int32) {
        self.token = token
        self.millionths = millionths
    }

    var isInRange: Bool { (-100_000_000...100_000_000).contains(millionths) }
}

/// A token with its log-probability in nats, at temperature 1 over the whole vocabulary, before bias, penalties and grammar.
public struct TokenLogProbability: Sendable, Equatable {
    public let token: TokenID
    public let logProbability: Double

    public init(token: TokenID, logProbability: Double) {
        self.token = token
        self.logProbability = logProbability
    }
}
