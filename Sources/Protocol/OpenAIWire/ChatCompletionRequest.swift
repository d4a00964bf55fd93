import Primitives
import ProtocolRules

/// A request for an answer, in which every field has been checked. Gateway, executor and auditor read the same body with
/// this code, so they agree on prompt, sampling, seed, form and charge.
public struct ChatCompletionRequest: Equatable, Sendable {
    /// What the model reads.
    public enum Prompt: Equatable, Sendable {
        /// Through the model's chat template; at least one turn.
        case conversation([ConversationTurn])
        /// As it stands (`POST /v1/completions`).
        case text(String)
        /// As it stands, to be embedded and not continued (`POST /v1/embeddings`).
        case embedding(String)
    }

    public let model: String
    public let prompt: Prompt
    public let sampling: SamplingParameters
    /// Same seed, same request, same text.
    public let seed: Int64?
    /// Output tokens per choice, at least 1; nil leaves it to the network's parameter.
    public let maxTokens: UInt64?
    /// `n`, at least 1: how many answers, each an item of its own.
    public let choices: UInt32
    /// Texts that end an answer, none of them empty.
    public let stops: [String]
    public let streams: Bool
    /// Whether a stream ends with a chunk that counts tokens.
    public let includesUsage: Bool
    /// What the answer's tokens have to be like.
    public let form: AnswerForm
    /// How many alternatives of each token are listed, in [0, 20]; nil where no log-probabilities are asked for.
    public let topLogprobs: UInt32?
    /// Whether the answer begins with the prompt (text completions only).
    public let echoes: Bool

    init(
        model: String, prompt: Prompt, sampling: SamplingParameters, seed: Int64? = nil, maxTokens: UInt64? = nil,
        choices: UInt32 = 1, stops: [String] = [], streams: Bool = false, includesUsage: Bool = false,
        form: AnswerForm = AnswerForm(), topLogprobs: UInt32? = nil, echoes: Bool = false
    ) {
        self.model = model
        self.prompt = prompt
        self.sampling = sampling
        self.seed = seed
        self.maxTokens = maxTokens
        self.choices = choices
        self.stops = stops
        self.streams = streams
        self.includesUsage = includesUsage
        self.form = form
        self.topLogprobs = topLogprobs
        self.echoes = echoes
    }

    /// Reads a body as received.
    ///
    /// Order: JSON, model, parameters; the first fault is thrown. Whether the model exists is for whoever serves it to say,
    /// between `DecodedChatCompletion.decode` and `validated`.
    public static func parse(
        _ body: Bytes, limits: OpenAILimits = OpenAILimits()
    ) throws(OpenAIError) -> ChatCompletionRequest {
        try DecodedChatCompletion.decode(body, limits: limits).validated(limits: limits)
    }

    /// UTF-8 bytes of all texts that the prompt shows. No token is shorter than a byte.
    public var textBytes: UInt64 {
        switch prompt {
        case .conversation(let turns): turns.reduce(0) { $0 + UInt64($1.text.utf8.count) }
        case .text(let text), .embedding(let text): UInt64(text.utf8.count)
        }
    }

    /// The turns around which a chat template puts its tokens.
    public var turnCount: UInt64 {
        switch prompt {
        case .conversation(let turns): UInt64(turns.count)
        case .text, .embedding: 0
        }
    }

    /// The most that all choices together can cost (protocol.md section 6): what the voucher's amount grows by.
    ///
    /// - Parameter defaultMaxTokens: the network's `max_tokens` for requests that set none.
    /// - Throws: `.overflow` where the amount needs more than 64 bits.
    public func maximumCharge(_ prices: TokenPrices, defaultMaxTokens: UInt64) throws(ArithmeticError) -> Amount {
        let one = try Charge.maximum(
            prices, textBytes: textBytes, messages: turnCount, maxTokens: maxTokens ?? defaultMaxTokens)
        return Amount(try one.ngonka.multiplied(by: UInt64(choices)))
    }
}
