import Primitives

/// Writes a host's answer, which is always a chat completion, in the form that a client asked for. A value; one an answer.
public protocol AnswerWriter: Sendable {
    /// The events that go to the client for a chunk; perhaps none.
    mutating func events(for chunk: ChatCompletionChunk) -> Bytes
    /// What follows the last chunk.
    mutating func end() -> Bytes
    /// The last event of an answer that broke off.
    mutating func failure(_ error: OpenAIError) -> Bytes
    /// A whole answer.
    mutating func body(of answer: ChatCompletionResponse) -> Bytes
}

extension AnswerWriter {
    /// The events for one that was read from a host, or from a gateway's own stream of chat chunks.
    public mutating func events(for event: ChatCompletionEvent) -> Bytes {
        switch event {
        case .chunk(let chunk): events(for: chunk)
        case .failed(let error): failure(error)
        case .done: end()
        }
    }
}
