import EngineAPI
import Messages
import OpenAIWire
import ProtocolRules

/// What the executor's own rule makes of an answer's tokens: which text they give, and where and why they end it. For
/// whoever checks an answer.
package struct AnswerReplay: Equatable, Sendable {
    /// The text that a client gets for the tokens up to the end.
    package let text: String
    /// The tokens up to the one that ends the answer, that one included.
    package let tokenCount: Int
    /// Why it ends there; nil where no token ends it, which leaves only a client that went away.
    package let reason: FinishReason?

    /// - Parameters:
    ///   - tokens: the whole output.
    ///   - stops: the request's stop texts.
    ///   - tokensMax: the most tokens that the answer may have, at least 1.
    /// - Returns: nil for stop texts that no executor takes.
    package init?(_ tokens: [TokenID], stops: [String], tokensMax: Int, engine: any Engine) {
        // What the text is made into for a client plays no part in where it ends.
        let shaper = AnswerShaper(id: "", choice: 0, mayCall: false)
        guard var transcript = Transcript(stops: stops, shaper: shaper) else { return nil }
        var characters = CharacterAssembler()
        let endTokens = engine.capabilities.endTokens
        var reason: FinishReason?
        for token in tokens {
            let isLast = transcript.tokens.count + 1 >= tokensMax
            let end: GenerationEnd? = endTokens.contains(token) ? .endToken : isLast ? .maximumTokens : nil
            let text = characters.append(engine.bytes(of: token)) + (end == nil ? "" : characters.finish())
            // What the engine noted beside its tokens plays no part in where an answer ends.
            let none = LogProbabilityPair(taken: 0, designated: 0)
            reason =
                transcript.append(GeneratedToken(token: token, text: text, logProbabilities: none, end: end)).finish
            if reason != nil { break }
        }
        (text, tokenCount, self.reason) = (transcript.text, transcript.tokens.count, reason)
    }

    /// The most tokens that the answer to `request` may have; nil where a host with this context refuses the request.
    ///
    /// - Parameters:
    ///   - defaultMax: the network's `max_tokens` for requests that set none.
    ///   - promptTokens: tokens of the rendered prompt.
    ///   - contextTokens: prompt and output together.
    package static func tokensMax(
        _ request: ChatCompletionRequest, defaultMax: UInt64, promptTokens: Int, contextTokens: UInt64
    ) -> Int? {
        try? AnswerPlan.outputTokens(
            request.maxTokens ?? defaultMax, isExplicit: request.maxTokens != nil, prompt: promptTokens,
            context: contextTokens)
    }
}
