import Primitives
import WireFormat

/// A request of the Responses API (`POST /v1/responses`), in its text part: what hosts get of it is a chat completion.
///
/// Nothing is kept between requests, so what refers to an earlier one is refused by name.
public struct ResponsesRequest: Sendable {
    public let model: String
    /// The chat completion that asks for the same.
    public let chatBody: Bytes
    /// The members of an answer that repeat the request, in the order of OpenAI's.
    let echo: JSONObject

    /// Reads a body as received; the order of checks is that of chat completions.
    ///
    /// Tools, formats and numbers are handed on as they came: the chat completion's own checks see to them, so that both ways
    /// accept the same. They name a fault by the chat completion's field then.
    public static func decode(
        _ body: Bytes, limits: OpenAILimits = OpenAILimits()
    ) throws(OpenAIError) -> ResponsesRequest {
        let (model, reader) = try DecodedChatCompletion.object(body, limits: limits)
        return ResponsesRequest(model: model, reader: reader)
    }

    private let reader: ParameterReader

    private init(model: String, reader: ParameterReader) {
        self.model = model
        self.reader = reader
        chatBody = []
        echo = JSONObject()
    }

    private init(model: String, reader: ParameterReader, chatBody: Bytes, echo: JSONObject) {
        self.model = model
        self.reader = reader
        self.chatBody = chatBody
        self.echo = echo
    }

    /// Checks everything but what the chat completion's own checks see to.
    public func validated(limits: OpenAILimits = OpenAILimits()) throws(OpenAIError) -> ResponsesRequest {
        guard reader.object.members.count <= limits.parametersMax else {
            throw .invalid("body", "more than \(limits.parametersMax) parameters")
        }
        try reader.checkNames(ChatCompletionParameters.Responses.names)
        try reader.checkInert(ChatCompletionParameters.Responses.inert)
        try reader.checkIgnored(ChatCompletionParameters.Responses.ignored)
        let translation = ResponsesTranslation(reader: reader, limits: limits)
        return ResponsesRequest(
            model: model, reader: reader, chatBody: try translation.chatBody(model: model),
            echo: translation.echo(model: model))
    }
}
