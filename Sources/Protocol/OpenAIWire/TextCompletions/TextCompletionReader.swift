import WireFormat

/// Reads the body of `POST /v1/completions`: one prompt, as it stands.
struct TextCompletionReader {
    let model: String
    let reader: ParameterReader
    let limits: OpenAILimits

    func request() throws(OpenAIError) -> ChatCompletionRequest {
        try reader.checkNames(ChatCompletionParameters.Text.names)
        try reader.checkInert(ChatCompletionParameters.Text.inert)
        try reader.checkIgnored(ChatCompletionParameters.Text.ignored)
        let common = CommonParameters(reader: reader, limits: limits)
        return ChatCompletionRequest(
            model: model, prompt: .text(try prompt()), sampling: try common.sampling(), seed: try common.seed(),
            maxTokens: try reader.integer("max_tokens", in: 1...limits.outputTokensMax).map { UInt64($0) },
            choices: try common.choices(), stops: try common.stops(), streams: try common.streams(),
            includesUsage: try common.includesUsage(), form: AnswerForm(bias: try common.bias()),
            topLogprobs: try reader.integer("logprobs", in: 0...Self.logprobsMax).map { UInt32($0) },
            echoes: try reader.boolean("echo") ?? false)
    }

    /// As with OpenAI's.
    private static let logprobsMax: Int64 = 5

    /// A string, or a list of a single one.
    private func prompt() throws(OpenAIError) -> String {
        guard let value = reader.value("prompt") else { throw .missing("prompt") }
        var text = value.string
        if let elements = value.array {
            guard elements.count <= 1 else { throw .arrayTooLong("prompt", countMax: 1) }
            text = elements.first?.string
            if elements.first?.number != nil || elements.first?.array != nil {
                throw .unsupported("prompt", value: "tokens", instead: "send the prompt as a string")
            }
        }
        guard let text else { throw .wrongType("prompt", expected: "a string", got: value) }
        guard !text.isEmpty else { throw .emptyString("prompt") }
        return text
    }
}
