import Primitives
import ProtocolRules

/// A chat completion request in which every field has been checked. Gateway, executor and auditor read the same body with
/// this code, so they agree on prompt, sampling, seed and charge.
public struct ChatCompletionRequest: Equatable, Sendable {
    public let model: String
    /// At least one.
    public let messages: [ChatMessage]
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

    /// Reads a body as received.
    ///
    /// Order: JSON, model, parameters; the first fault is thrown. Whether the model exists is for whoever serves it to say,
    /// between `DecodedChatCompletion.decode` and `validated`.
    public static func parse(
        _ body: Bytes, limits: OpenAILimits = OpenAILimits()
    ) throws(OpenAIError) -> ChatCompletionRequest {
        try DecodedChatCompletion.decode(body, limits: limits).validated(limits: limits)
    }

    /// UTF-8 bytes of all texts that a chat template may show: contents and names. No token is shorter than a byte.
    public var textBytes: UInt64 {
        messages.reduce(0) { $0 + UInt64($1.content.utf8.count + ($1.name?.utf8.count ?? 0)) }
    }

    /// The most that all choices together can cost (protocol.md section 6): what the voucher's amount grows by.
    ///
    /// - Parameter defaultMaxTokens: the network's `max_tokens` for requests that set none.
    /// - Throws: `.overflow` where the amount needs more than 64 bits.
    public func maximumCharge(_ prices: TokenPrices, defaultMaxTokens: UInt64) throws(ArithmeticError) -> Amount {
        let one = try Charge.maximum(
            prices, textBytes: textBytes, messages: UInt64(messages.count), maxTokens: maxTokens ?? defaultMaxTokens)
        return Amount(try one.ngonka.multiplied(by: UInt64(choices)))
    }
}
