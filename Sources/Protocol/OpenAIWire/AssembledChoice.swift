import WireFormat

/// One choice of a streamed answer, put together piece by piece.
public struct AssembledChoice: Equatable, Sendable {
    public private(set) var content = ""
    public private(set) var toolCalls: [ToolCall] = []
    public private(set) var logprobs: [JSONValue]?
    /// Bytes of all texts so far, for whoever bounds them.
    public private(set) var byteCount = 0

    public init() {}

    /// Takes the next piece.
    ///
    /// - Throws: `.invalidField` for a piece of a call that was not begun, or begins out of order.
    public mutating func add(_ piece: AnswerPiece) throws(AnswerError) {
        content += piece.text
        byteCount += piece.text.utf8.count
        for call in piece.calls { try add(call) }
        guard let entries = piece.logprobs else { return }
        // In place: copies would make a long answer's assembly quadratic.
        if logprobs == nil { logprobs = [] }
        logprobs?.append(contentsOf: entries)
        // An entry with 20 alternatives is the longest thing that a token adds.
        byteCount += entries.count * Self.bytesPerEntry
    }

    private mutating func add(_ delta: ToolCallDelta) throws(AnswerError) {
        byteCount += delta.arguments.utf8.count
        if let opening = delta.opening {
            guard Int(delta.index) == toolCalls.count else { throw .invalidField("choices[].delta.tool_calls[].index") }
            toolCalls.append(ToolCall(id: opening.id, name: opening.name, arguments: delta.arguments))
            byteCount += Self.bytesPerEntry
            return
        }
        guard !toolCalls.isEmpty, Int(delta.index) == toolCalls.count - 1 else {
            throw .invalidField("choices[].delta.tool_calls[].index")
        }
        toolCalls[toolCalls.count - 1].arguments += delta.arguments
    }

    /// The whole choice.
    public func ended(_ index: UInt32, _ reason: ChatFinishReason) -> ChatCompletionResponse.Choice {
        ChatCompletionResponse.Choice(
            index: index, content: content, toolCalls: toolCalls, logprobs: logprobs, finishReason: reason)
    }

    private static let bytesPerEntry = 2_560
}

extension ChatCompletionChunk.Choice {
    /// What it adds to its choice.
    public var piece: AnswerPiece { AnswerPiece(text: content ?? "", calls: toolCalls, logprobs: logprobs) }
}
