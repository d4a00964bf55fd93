import Primitives
import WireFormat

/// One event of a streamed answer (`chat.completion.chunk`).
public struct ChatCompletionChunk: Equatable, Sendable {
    public struct Choice: Equatable, Sendable {
        public let index: UInt32
        /// Set in a choice's first chunk only, where it is the assistant's.
        public let role: ChatRole?
        /// The next piece of the text, whole characters.
        public let content: String?
        /// Pieces of calls.
        public let toolCalls: [ToolCallDelta]
        /// The elements of `logprobs.content` for the tokens of this piece (`TokenLogprob.json`); nil where none were asked for.
        public let logprobs: [JSONValue]?
        /// Set in a choice's last chunk only.
        public let finishReason: ChatFinishReason?

        public init(
            index: UInt32, role: ChatRole? = nil, content: String? = nil, toolCalls: [ToolCallDelta] = [],
            logprobs: [JSONValue]? = nil, finishReason: ChatFinishReason? = nil
        ) {
            self.index = index
            self.role = role
            self.content = content
            self.toolCalls = toolCalls
            self.logprobs = logprobs
            self.finishReason = finishReason
        }
    }

    /// The field `usage`: not there unless asked for, then null in all chunks but the last.
    public enum Usage: Equatable, Sendable {
        case absent
        case pending
        case counted(ChatCompletionUsage)
    }

    public let id: String
    /// Seconds since 1970-01-01 UTC, the same in all chunks of an answer.
    public let created: UInt64
    public let model: String
    /// Names what the answer was made with: clients compare it where they ask with a seed.
    public let systemFingerprint: String?
    /// Empty in the chunk that counts the tokens.
    public let choices: [Choice]
    public let usage: Usage
    /// The top-level field `gonka`: the executor's signed receipt, in the chunk that carries the finish reason.
    public let gonka: JSONValue?

    public init(
        id: String, created: UInt64, model: String, systemFingerprint: String? = nil, choices: [Choice], usage: Usage,
        gonka: JSONValue?
    ) {
        self.systemFingerprint = systemFingerprint
        self.id = id
        self.created = created
        self.model = model
        self.choices = choices
        self.usage = usage
        self.gonka = gonka
    }

    /// The data of the event, one line.
    public func encoded() -> Bytes {
        var writer = JSONWriter(capacity: 384)
        writer.beginObject()
        writer.writeHead(
            id: id, object: "chat.completion.chunk", created: created, model: model,
            systemFingerprint: systemFingerprint)
        writer.key("choices")
        writer.beginArray()
        for choice in choices { choice.encode(to: &writer) }
        writer.endArray()
        encodeUsage(to: &writer)
        if let gonka {
            writer.key("gonka")
            writer.write(gonka)
        }
        writer.endObject()
        return writer.bytes
    }

    private func encodeUsage(to writer: inout JSONWriter) {
        switch usage {
        case .absent: return
        case .pending:
            writer.key("usage")
            writer.writeNull()
        case .counted(let usage):
            writer.key("usage")
            usage.encode(to: &writer)
        }
    }

    /// Reads the data of a host's event; fields that are not known are ignored.
    init(_ value: JSONValue) throws(AnswerError) {
        let head = try AnswerHead(value, object: "chat.completion.chunk")
        var choices: [Choice] = []
        for choice in head.choices { choices.append(try Choice(choice)) }
        let usage: Usage
        switch value["usage"] {
        case nil: usage = .absent
        case .null: usage = .pending
        case .some(let counted): usage = .counted(try ChatCompletionUsage(counted))
        }
        self.init(
            id: head.id, created: head.created, model: head.model, systemFingerprint: head.systemFingerprint,
            choices: choices, usage: usage, gonka: value["gonka"])
    }
}

extension ChatCompletionChunk.Choice {
    func encode(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("index")
        writer.write(UInt64(index))
        writer.key("delta")
        writer.beginObject()
        if let role {
            writer.key("role")
            writer.write(role.rawValue)
        }
        if let content {
            writer.key("content")
            writer.write(content)
        }
        if !toolCalls.isEmpty {
            writer.key("tool_calls")
            writer.beginArray()
            for call in toolCalls { call.encode(to: &writer) }
            writer.endArray()
        }
        writer.endObject()
        writer.writeLogprobs(logprobs)
        writer.key("finish_reason")
        if let finishReason { writer.write(finishReason.rawValue) } else { writer.writeNull() }
        writer.endObject()
    }

    init(_ value: JSONValue) throws(AnswerError) {
        guard let index = value["index"]?.number?.uint64, let index = UInt32(exactly: index) else {
            throw .invalidField("choices[].index")
        }
        guard let delta = value["delta"]?.object else { throw .invalidField("choices[].delta") }
        let role = try delta["role"].word("choices[].delta.role", as: ChatRole.self)
        let reason = try value["finish_reason"].word("choices[].finish_reason", as: ChatFinishReason.self)
        var content: String?
        if let piece = delta["content"], !piece.isNull {
            guard let text = piece.string else { throw .invalidField("choices[].delta.content") }
            content = text
        }
        var calls: [ToolCallDelta] = []
        if let list = delta["tool_calls"], !list.isNull {
            guard let elements = list.array else { throw .invalidField("choices[].delta.tool_calls") }
            for element in elements { calls.append(try ToolCallDelta(element)) }
        }
        self.init(
            index: index, role: role, content: content, toolCalls: calls, logprobs: try value.logprobs(),
            finishReason: reason)
    }
}

extension JSONValue? {
    /// The word that a string spells; nil where it is absent or null.
    fileprivate func word<Word: RawRepresentable<String>>(
        _ field: String, as type: Word.Type
    ) throws(AnswerError) -> Word? {
        guard let self, !self.isNull else { return nil }
        guard let word = self.string.flatMap(Word.init(rawValue:)) else { throw .invalidField(field) }
        return word
    }
}
