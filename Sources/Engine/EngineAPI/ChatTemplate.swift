/// Who speaks.
public enum ChatRole: String, Sendable {
    case system, user, assistant
}

/// One turn of a conversation.
public struct ChatMessage: Sendable, Equatable {
    public let role: ChatRole
    /// Text of the person or the model; never read for control tokens.
    public let content: String

    public init(role: ChatRole, content: String) {
        self.role = role
        self.content = content
    }
}

/// How a conversation becomes one prompt. The model's record names it, since executor and auditor must agree.
public enum ChatTemplate: String, Sendable {
    /// `<|im_start|>role\ncontent<|im_end|>\n` a message, then `<|im_start|>assistant\n`. No system message is added.
    case chatML = "chatml"

    /// A part of a prompt.
    public enum Segment: Equatable, Sendable {
        /// Exactly the control token of this name.
        case control(String)
        /// Text that is tokenised with control tokens disabled: their names in it stay plain text.
        case text(String)
    }

    /// The prompt for `messages`, ending where the answer begins.
    ///
    /// Role and content are one segment, as if the whole prompt were tokenised at once between its control tokens: a
    /// content that begins with a line break joins the one after the role.
    public func segments(for messages: [ChatMessage]) -> [Segment] {
        messages.flatMap { message -> [Segment] in
            [
                .control("<|im_start|>"), .text("\(message.role.rawValue)\n\(message.content)"),
                .control("<|im_end|>"), .text("\n"),
            ]
        } + [.control("<|im_start|>"), .text("assistant\n")]
    }

    /// The control tokens that the template uses; a model without them cannot have it.
    public var controlTokens: [String] { ["<|im_start|>", "<|im_end|>"] }
}
