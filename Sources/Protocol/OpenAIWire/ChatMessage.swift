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

    public init(role: ChatRole, content: String, name: String? = nil) {
        self.role = role
        self.content = content
        self.name = name
    }
}
