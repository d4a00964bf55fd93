import Primitives
import WireFormat

/// A plain answer (`chat.completion`).
public struct ChatCompletionResponse: Equatable, Sendable {
    public struct Choice: Equatable, Sendable {
        public let index: UInt32
        /// Empty where the answer is nothing but calls; null on the wire then.
        public let content: String
        public let toolCalls: [ToolCall]
        /// The elements of `logprobs.content` (`TokenLogprob.json`); nil where none were asked for.
        public let logprobs: [JSONValue]?
        public let finishReason: ChatFinishReason

        public init(
            index: UInt32, content: String, toolCalls: [ToolCall] = [], logprobs: [JSONValue]? = nil,
            finishReason: ChatFinishReason
        ) {
            self.index = index
            self.content = content
            self.toolCalls = toolCalls
            self.logprobs = logprobs
            self.finishReason = finishReason
        }
    }

    public let id: String
    /// Seconds since 1970-01-01 UTC.
    public let created: UInt64
    public let model: String
    /// Names what the answer was made with: clients compare it where they ask with a seed.
    public let systemFingerprint: String?
    public let choices: [Choice]
    public let usage: ChatCompletionUsage
    /// The top-level field `gonka`: the executor's signed receipt. Clients that do not know it ignore it.
    public let gonka: JSONValue?

    public init(
        id: String, created: UInt64, model: String, systemFingerprint: String? = nil, choices: [Choice],
        usage: ChatCompletionUsage, gonka: JSONValue?
    ) {
        self.systemFingerprint = systemFingerprint
        self.id = id
        self.created = created
        self.model = model
        self.choices = choices
        self.usage = usage
        self.gonka = gonka
    }

    /// The body.
    public func encoded() -> Bytes {
        var writer = JSONWriter(capacity: 1024)
        writer.beginObject()
        writer.writeHead(
            id: id, object: "chat.completion", created: created, model: model,
            systemFingerprint: systemFingerprint)
        writer.key("choices")
        writer.beginArray()
        for choice in choices { choice.encode(to: &writer) }
        writer.endArray()
        writer.key("usage")
        usage.encode(to: &writer)
        if let gonka {
            writer.key("gonka")
            writer.write(gonka)
        }
        writer.endObject()
        return writer.bytes
    }

    /// Reads a host's body; fields that are not known are ignored.
    public static func parse(
        _ body: Bytes, limits: OpenAILimits = OpenAILimits()
    ) throws(AnswerError) -> ChatCompletionResponse {
        let value = try JSONValue.answer(body, bytesMax: limits.answerBytesMax)
        let head = try AnswerHead(value, object: "chat.completion")
        guard let usage = value["usage"] else { throw .invalidField("usage") }
        var choices: [Choice] = []
        for choice in head.choices { choices.append(try Choice(choice)) }
        return ChatCompletionResponse(
            id: head.id, created: head.created, model: head.model, systemFingerprint: head.systemFingerprint,
            choices: choices,
            usage: try ChatCompletionUsage(usage), gonka: value["gonka"])
    }
}

extension ChatCompletionResponse.Choice {
    func encode(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("index")
        writer.write(UInt64(index))
        writer.key("message")
        writer.beginObject()
        writer.key("role")
        writer.write(ChatRole.assistant.rawValue)
        writer.key("content")
        if content.isEmpty && !toolCalls.isEmpty { writer.writeNull() } else { writer.write(content) }
        writer.key("refusal")
        writer.writeNull()
        if !toolCalls.isEmpty {
            writer.key("tool_calls")
            writer.beginArray()
            for call in toolCalls { call.encode(to: &writer) }
            writer.endArray()
        }
        writer.endObject()
        writer.writeLogprobs(logprobs)
        writer.key("finish_reason")
        writer.write(finishReason.rawValue)
        writer.endObject()
    }

    init(_ value: JSONValue) throws(AnswerError) {
        guard let index = value["index"]?.number?.uint64, let index = UInt32(exactly: index) else {
            throw .invalidField("choices[].index")
        }
        var calls: [ToolCall] = []
        for element in value["message"]?["tool_calls"]?.array ?? [] { calls.append(try ToolCall(element)) }
        let text = value["message"]?["content"]
        guard let content = text?.string ?? (calls.isEmpty ? nil : "") else {
            throw .invalidField("choices[].message.content")
        }
        guard let reason = value["finish_reason"]?.string.flatMap(ChatFinishReason.init(rawValue:)) else {
            throw .invalidField("choices[].finish_reason")
        }
        self.init(
            index: index, content: content, toolCalls: calls, logprobs: try value.logprobs(), finishReason: reason)
    }
}
