import WireFormat

/// What one step of an answer gives out.
public struct AnswerPiece: Equatable, Sendable {
    /// Whole characters, perhaps none.
    public var text: String
    public var calls: [ToolCallDelta]
    /// The elements of `logprobs.content` for the tokens of this piece; nil where none were asked for.
    public var logprobs: [JSONValue]?

    public init(text: String = "", calls: [ToolCallDelta] = [], logprobs: [JSONValue]? = nil) {
        self.text = text
        self.calls = calls
        self.logprobs = logprobs
    }

    /// Whether it says nothing.
    public var isEmpty: Bool { text.isEmpty && calls.isEmpty && (logprobs ?? []).isEmpty }
}
