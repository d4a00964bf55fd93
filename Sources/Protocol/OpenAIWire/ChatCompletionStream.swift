import WireFormat

/// Makes the chunks of one answer, in the order in which a server sends them: for each choice `opening`, any number of
/// `content`, `finish`; at the end `usage` if the client asked for it; then `SSEEncoder.done`.
public struct ChatCompletionStream: Sendable {
    public let id: String
    /// Seconds since 1970-01-01 UTC.
    public let created: UInt64
    public let model: String
    /// Names what the answer is made with.
    public let systemFingerprint: String?
    /// The request's `stream_options.include_usage`.
    public let includesUsage: Bool

    public init(
        id: String, created: UInt64, model: String, systemFingerprint: String? = nil, includesUsage: Bool
    ) {
        self.systemFingerprint = systemFingerprint
        self.id = id
        self.created = created
        self.model = model
        self.includesUsage = includesUsage
    }

    /// A choice's first chunk: the assistant's role and no text.
    public func opening(choice: UInt32 = 0) -> ChatCompletionChunk {
        chunk(ChatCompletionChunk.Choice(index: choice, role: .assistant, content: ""))
    }

    /// The next piece of a choice's text, whole characters.
    public func content(_ text: String, choice: UInt32 = 0) -> ChatCompletionChunk {
        piece(AnswerPiece(text: text), choice: choice)
    }

    /// The next piece of a choice's text, whole characters, or of its calls.
    public func piece(_ piece: AnswerPiece, choice: UInt32 = 0) -> ChatCompletionChunk {
        chunk(
            ChatCompletionChunk.Choice(
                index: choice, content: piece.calls.isEmpty || !piece.text.isEmpty ? piece.text : nil,
                toolCalls: piece.calls, logprobs: piece.logprobs))
    }

    /// A choice's last chunk, with the executor's receipt.
    public func finish(_ reason: ChatFinishReason, choice: UInt32 = 0, gonka: JSONValue?) -> ChatCompletionChunk {
        chunk(ChatCompletionChunk.Choice(index: choice, finishReason: reason), gonka: gonka)
    }

    /// The chunk that counts the tokens of all choices, or nil where the client did not ask for it.
    public func usage(_ usage: ChatCompletionUsage) -> ChatCompletionChunk? {
        guard includesUsage else { return nil }
        return ChatCompletionChunk(
            id: id, created: created, model: model, systemFingerprint: systemFingerprint, choices: [],
            usage: .counted(usage), gonka: nil)
    }

    private func chunk(_ choice: ChatCompletionChunk.Choice, gonka: JSONValue? = nil) -> ChatCompletionChunk {
        ChatCompletionChunk(
            id: id, created: created, model: model, systemFingerprint: systemFingerprint, choices: [choice],
            usage: includesUsage ? .pending : .absent,
            gonka: gonka)
    }
}
