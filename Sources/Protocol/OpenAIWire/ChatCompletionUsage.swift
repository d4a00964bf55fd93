import WireFormat

/// How many tokens an answer took.
public struct ChatCompletionUsage: Equatable, Sendable {
    public let promptTokens: UInt64
    /// Those of the prompt that the engine had from an earlier request; at most `promptTokens`.
    public let cachedTokens: UInt64
    /// Of all choices together.
    public let completionTokens: UInt64

    public init(promptTokens: UInt64, cachedTokens: UInt64, completionTokens: UInt64) {
        self.promptTokens = promptTokens
        self.cachedTokens = cachedTokens
        self.completionTokens = completionTokens
    }

    func encode(to writer: inout JSONWriter) {
        let (total, overflow) = promptTokens.addingReportingOverflow(completionTokens)
        writer.beginObject()
        writer.key("prompt_tokens")
        writer.write(promptTokens)
        writer.key("completion_tokens")
        writer.write(completionTokens)
        writer.key("total_tokens")
        writer.write(overflow ? .max : total)
        writer.key("prompt_tokens_details")
        writer.beginObject()
        writer.key("cached_tokens")
        writer.write(cachedTokens)
        writer.endObject()
        writer.endObject()
    }

    init(_ value: JSONValue) throws(AnswerError) {
        guard let prompt = value["prompt_tokens"]?.number?.uint64,
            let completion = value["completion_tokens"]?.number?.uint64
        else { throw .invalidField("usage") }
        promptTokens = prompt
        completionTokens = completion
        cachedTokens = value["prompt_tokens_details"]?["cached_tokens"]?.number?.uint64 ?? 0
    }
}
