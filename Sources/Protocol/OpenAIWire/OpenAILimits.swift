/// How much one request or answer may hold. A host and the gateways that pay it must agree on the request's part, or one
/// sends what the other refuses; so a host changes only `choicesMax`.
public struct OpenAILimits: Sendable {
    /// The longest request body, in bytes.
    public var bodyBytesMax = 10 * 1_048_576
    /// The most fields at the top of a request.
    public var parametersMax = 64
    /// The most messages of a conversation.
    public var messagesMax = 2_048
    /// The most text parts of one message.
    public var contentPartsMax = 1_024
    /// The longest name of a message's author, in UTF-8 bytes.
    public var nameBytesMax = 64
    /// The most output tokens that may be asked for; a model's context is smaller.
    public var outputTokensMax: Int64 = 1_048_576
    /// The largest `n`. A host that returns one choice only sets it to 1; the wire allows 5.
    public var choicesMax: Int64 = 5
    /// The largest `top_k`; from 256 up it changes nothing.
    public var topKMax: Int64 = 1_048_576
    /// The most stop texts.
    public var stopsMax = 16
    /// The longest stop text, in UTF-8 bytes.
    public var stopBytesMax = 256
    /// The most inputs of a request for embeddings.
    public var inputsMax = 256
    /// The longest vector that may be asked for.
    public var dimensionsMax: Int64 = 65_536
    /// The most tools of a request.
    public var toolsMax = 128
    /// The most calls of one message.
    public var toolCallsMax = 128
    /// The most tokens with a bias.
    public var logitBiasMax = 1_024
    /// The largest `top_logprobs`.
    public var topLogprobsMax: Int64 = 20
    /// The longest plain answer that a gateway reads from a host, in bytes.
    public var answerBytesMax = 16 * 1_048_576
    /// The longest event of a stream that a gateway reads from a host, in bytes.
    public var eventBytesMax = 1_048_576

    public init() {}

    /// The longest name of a function or schema, in bytes.
    static let functionNameBytesMax = 64
    /// The longest `tool_call_id`, in bytes.
    static let toolCallIDBytesMax = 256
    /// How much of a refused name or value goes back in an error, in Unicode scalars.
    static let echoedScalarsMax = 64
    /// The longest message of an error object that a gateway passes on from a host, in Unicode scalars.
    static let relayedMessageScalarsMax = 512
}
