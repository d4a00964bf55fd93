/// Who speaks.
public enum ChatRole: String, CaseIterable, Sendable {
    case developer, system, user, assistant, tool, function
}

/// One message of a conversation.
public struct ChatMessage: Equatable, Sendable {
    public var role: ChatRole
    /// The text; of several text parts their texts with a line feed between two. Empty where an assistant's content was null.
    public var content: String
    /// The author's name, for chat templates that show one.
    public var name: String?
    /// What an assistant called.
    public var toolCalls: [ToolCall]
    /// The call that a tool's message answers.
    public var toolCallID: String?

    public init(
        role: ChatRole, content: String, name: String? = nil, toolCalls: [ToolCall] = [], toolCallID: String? = nil
    ) {
        self.role = role
        self.content = content
        self.name = name
        self.toolCalls = toolCalls
        self.toolCallID = toolCallID
    }
}
