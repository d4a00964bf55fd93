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

    func encode(to writer: inout JSONWriter) { writer.write(json) }

    /// Prompt and completion.
    var total: UInt64 {
        let (total, overflow) = promptTokens.addingReportingOverflow(completionTokens)
        return overflow ? .max : total
    }

    var json: JSONValue {
        [
            "prompt_tokens": .number(promptTokens), "completion_tokens": .number(completionTokens),
            "total_tokens": .number(total), "prompt_tokens_details": ["cached_tokens": .number(cachedTokens)],
        ]
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
