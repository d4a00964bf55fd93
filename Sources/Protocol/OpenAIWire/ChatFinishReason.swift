/// Why an answer ended, in OpenAI's words.
public enum ChatFinishReason: String, Sendable {
    /// An end token, or one of the request's stop texts.
    case stop
    /// `max_tokens`, or the end of the context.
    case length
    /// The answer calls functions, and is complete.
    case toolCalls = "tool_calls"
}
