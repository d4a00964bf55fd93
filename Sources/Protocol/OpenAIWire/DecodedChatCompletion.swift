import Primitives
import ProtocolRules
import WireFormat

/// A body that is JSON and names a model, and of which nothing else has been checked yet.
public struct DecodedChatCompletion: Sendable {
    public let model: String
    private let reader: ParameterReader

    /// Reads the JSON and the model.
    public static func decode(
        _ body: Bytes, limits: OpenAILimits = OpenAILimits()
    ) throws(OpenAIError) -> DecodedChatCompletion {
        let (model, reader) = try object(body, limits: limits)
        return DecodedChatCompletion(model: model, reader: reader)
    }

    /// The members of any request's body, and the model that it names.
    static func object(
        _ body: Bytes, limits: OpenAILimits
    ) throws(OpenAIError) -> (model: String, reader: ParameterReader) {
        var jsonLimits = JSONLimits()
        jsonLimits.bytesMax = limits.bodyBytesMax
        let value: JSONValue
        do { value = try JSONParser.parse(body, limits: jsonLimits) } catch { throw .invalidJSON(error) }
        guard let object = value.object else { throw .bodyIsNoObject(value.kind) }
        let reader = ParameterReader(object: object, path: "")
        guard let model = try reader.string("model"), !model.isEmpty else { throw .missing("model") }
        return (model, reader)
    }

    /// What a body asks for, as its path says it.
    public enum Kind: Sendable {
        case chat, text, embedding
    }

    /// The kind that the body's own fields tell: hosts get all of them at one path.
    var kind: Kind {
        if reader.value("messages") != nil { return .chat }
        if reader.value("prompt") != nil { return .text }
        return reader.value("input") != nil ? .embedding : .chat
    }

    /// Checks everything else.
    ///
    /// - Parameter kind: nil for whatever the body's fields tell.
    public func validated(
        as kind: Kind? = nil, limits: OpenAILimits = OpenAILimits()
    ) throws(OpenAIError) -> ChatCompletionRequest {
        guard reader.object.members.count <= limits.parametersMax else {
            throw .invalid("body", "more than \(limits.parametersMax) parameters")
        }
        switch kind ?? self.kind {
        case .chat: return try chat(limits)
        case .text: return try TextCompletionReader(model: model, reader: reader, limits: limits).request()
        case .embedding: return try EmbeddingReader(model: model, reader: reader, limits: limits).request()
        }
    }

    private func chat(_ limits: OpenAILimits) throws(OpenAIError) -> ChatCompletionRequest {
        try reader.checkNames(ChatCompletionParameters.names)
        try reader.checkInert(ChatCompletionParameters.inert)
        try reader.checkIgnored(ChatCompletionParameters.ignored)
        let common = CommonParameters(reader: reader, limits: limits)
        let messages = try messages(limits)
        let tools = ToolReader(reader: reader, limits: limits)
        let form = try form(tools, common)
        return ChatCompletionRequest(
            model: model,
            prompt: .conversation(ConversationTurn.turns(messages, tools: form.tools, choice: form.toolChoice)),
            sampling: try common.sampling(), seed: try common.seed(), maxTokens: try maxTokens(limits),
            choices: try common.choices(), stops: try common.stops(), streams: try common.streams(),
            includesUsage: try common.includesUsage(), form: form, topLogprobs: try topLogprobs(limits))
    }

    private func form(_ tools: ToolReader, _ common: CommonParameters) throws(OpenAIError) -> AnswerForm {
        let list = try tools.tools()
        let form = AnswerForm(
            bias: try common.bias(), format: try tools.responseFormat(), tools: list,
            toolChoice: try tools.choice(list),
            allowsParallelCalls: try reader.boolean("parallel_tool_calls") ?? true)
        guard form.format == .text || !form.mayCall else {
            throw .unsupported(
                "response_format", value: "other than text",
                instead: "a request asks for a form of its text, or for calls of tools")
        }
        try form.checkGrammar()
        return form
    }

    private func topLogprobs(_ limits: OpenAILimits) throws(OpenAIError) -> UInt32? {
        let isAsked = try reader.boolean("logprobs") ?? false
        let count = try reader.integer("top_logprobs", in: 0...limits.topLogprobsMax)
        guard isAsked else {
            if let count, count > 0 { throw .invalid("top_logprobs", "it needs 'logprobs' to be true") }
            return nil
        }
        return UInt32(count ?? 0)
    }

    private func messages(_ limits: OpenAILimits) throws(OpenAIError) -> [ChatMessage] {
        guard let value = reader.value("messages") else { throw .missing("messages") }
        guard let elements = value.array else { throw .wrongType("messages", expected: "an array", got: value) }
        guard !elements.isEmpty else { throw .emptyArray("messages") }
        guard elements.count <= limits.messagesMax else {
            throw .arrayTooLong("messages", countMax: limits.messagesMax)
        }
        var messages: [ChatMessage] = []
        messages.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() {
            messages.append(try ChatMessage(element, path: "messages[\(index)]", limits: limits))
        }
        return messages
    }

    /// `max_tokens` and its newer name; given twice, they must agree.
    private func maxTokens(_ limits: OpenAILimits) throws(OpenAIError) -> UInt64? {
        let old = try reader.integer("max_tokens", in: 1...limits.outputTokensMax)
        let new = try reader.integer("max_completion_tokens", in: 1...limits.outputTokensMax)
        if let old, let new, old != new {
            throw .invalid("max_tokens", "it is \(old), but 'max_completion_tokens' is \(new); send one of them")
        }
        return (new ?? old).map { UInt64($0) }
    }
}
