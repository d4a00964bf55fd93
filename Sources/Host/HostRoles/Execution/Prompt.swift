import EngineAPI
import OpenAIWire

/// How a request's conversation becomes the engine's: executor and auditor must agree on it.
public enum Prompt {
    /// The messages as chat templates know them. A developer's word is the system's; names are not shown.
    ///
    /// - Throws: for the roles of tools, which no template here has.
    public static func messages(
        of request: ChatCompletionRequest
    ) throws(OpenAIError) -> [EngineAPI.ChatMessage] {
        var messages: [EngineAPI.ChatMessage] = []
        for (index, message) in request.messages.enumerated() {
            let role: EngineAPI.ChatRole
            switch message.role {
            case .developer, .system: role = .system
            case .user: role = .user
            case .assistant: role = .assistant
            case .tool, .function:
                throw .unsupported(
                    "messages[\(index)].role", value: message.role.rawValue,
                    instead: "conversations with tools are not supported")
            }
            messages.append(EngineAPI.ChatMessage(role: role, content: message.content))
        }
        return messages
    }
}
