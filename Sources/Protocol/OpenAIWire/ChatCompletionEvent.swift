import Primitives
import WireFormat

/// What one event of a host's stream says.
public enum ChatCompletionEvent: Equatable, Sendable {
    case chunk(ChatCompletionChunk)
    /// The host gave up; nothing but the end follows.
    case failed(OpenAIError)
    /// `[DONE]`: the answer is complete if every choice had its finish reason.
    case done

    /// Reads an event that `SSEParser` found.
    public static func parse(
        _ event: SSEEvent, limits: OpenAILimits = OpenAILimits()
    ) throws(AnswerError) -> ChatCompletionEvent {
        guard !event.isDone else { return .done }
        let value = try JSONValue.answer(event.data, bytesMax: limits.eventBytesMax)
        guard value["error"] != nil else { return .chunk(try ChatCompletionChunk(value)) }
        guard let error = OpenAIError.parse(value) else { throw .invalidField("error") }
        return .failed(error)
    }
}
