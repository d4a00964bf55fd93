import ProtocolRules

/// What a request demands of its answer's tokens beside sampling.
public struct AnswerForm: Equatable, Sendable {
    /// Added to raw logits, ascending by token; in millionths, in [−100, 100] millions.
    public var bias: [TokenBias]
    public var format: ResponseFormat
    public var tools: [ToolDefinition]
    /// `.none` where there are no tools.
    public var toolChoice: ToolChoice
    /// Whether an answer may make several calls.
    public var allowsParallelCalls: Bool

    public struct TokenBias: Equatable, Sendable {
        public let token: TokenID
        public let millionths: Int32
    }

    public init(
        bias: [TokenBias] = [], format: ResponseFormat = .text, tools: [ToolDefinition] = [],
        toolChoice: ToolChoice = .none, allowsParallelCalls: Bool = true
    ) {
        self.bias = bias
        self.format = format
        self.tools = tools
        self.toolChoice = toolChoice
        self.allowsParallelCalls = allowsParallelCalls
    }

    /// Whether the answer's text is read for calls.
    public var mayCall: Bool { toolChoice != .none }
}
