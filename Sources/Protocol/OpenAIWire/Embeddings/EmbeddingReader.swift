import ProtocolRules
import WireFormat

/// Reads the body of `POST /v1/embeddings` as a host gets it: one input.
///
/// An embedding is an item like any other: the model reads the input and, at temperature 0, names one token, by which the
/// reading can be audited (ADR 20).
struct EmbeddingReader {
    let model: String
    let reader: ParameterReader
    let limits: OpenAILimits

    func request() throws(OpenAIError) -> ChatCompletionRequest {
        try reader.checkNames(ChatCompletionParameters.Embeddings.names)
        try reader.checkIgnored(ChatCompletionParameters.Embeddings.ignored)
        guard let text = try reader.string("input") else { throw .missing("input") }
        guard !text.isEmpty else { throw .emptyString("input") }
        return ChatCompletionRequest(model: model, prompt: .embedding(text), sampling: .greedy, maxTokens: 1)
    }
}
