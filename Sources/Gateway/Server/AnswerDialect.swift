import OpenAIWire
import Primitives

/// The form in which a client asks and reads: each is a path of OpenAI's. Hosts know chat completions alone.
enum AnswerDialect: Sendable {
    case chat
    case text
    case responses

    /// A request that was read: what is asked of hosts, and how their answer is written.
    struct Question: Sendable {
        let completion: ChatCompletionRequest
        /// What hosts get, byte for byte.
        let body: Bytes
        /// Nil where hosts' chunks go to the client as they are.
        let writer: (any AnswerWriter)?
    }

    /// Reads a body; the order of checks is JSON, model, parameters.
    ///
    /// - Parameter checkModel: throws for a model that the client cannot have.
    func read(
        _ body: Bytes, checkModel: (String) throws(OpenAIError) -> Void
    ) throws(OpenAIError) -> Question {
        switch self {
        case .chat:
            let decoded = try DecodedChatCompletion.decode(body)
            try checkModel(decoded.model)
            return Question(completion: try decoded.validated(as: .chat), body: body, writer: nil)
        case .text:
            let decoded = try DecodedChatCompletion.decode(body)
            try checkModel(decoded.model)
            let completion = try decoded.validated(as: .text)
            return Question(completion: completion, body: body, writer: TextCompletionWriter(completion))
        case .responses:
            let decoded = try ResponsesRequest.decode(body)
            try checkModel(decoded.model)
            let request = try decoded.validated()
            let completion = try ChatCompletionRequest.parse(request.chatBody)
            return Question(completion: completion, body: request.chatBody, writer: ResponsesWriter(request))
        }
    }
}
