import Grammar
import Primitives
import WireFormat

/// One turn of a conversation as every chat template knows it: tools, calls and their results have become text.
///
/// Gateway, executor and auditor make the same turns of a body: the prompt and the most that it can cost follow from them.
public struct ConversationTurn: Equatable, Sendable {
    public enum Role: Sendable { case system, user, assistant }
    public let role: Role
    public let text: String

    public init(role: Role, text: String) {
        self.role = role
        self.text = text
    }
}

extension ConversationTurn {
    /// The turns of a request's messages.
    ///
    /// - A developer's word is the system's; names are not shown.
    /// - The tools, where the model may call them, come at the end of the first system turn, which is made where there is none.
    /// - An assistant's calls follow its text in the form in which the model writes them (`ToolCallText`).
    /// - Results of tools are a user's turn, those of consecutive messages one turn.
    static func turns(_ messages: [ChatMessage], tools: [ToolDefinition], choice: ToolChoice) -> [ConversationTurn] {
        var turns: [ConversationTurn] = []
        var lastWasResult = false
        for message in messages {
            let isResult = message.role == .tool || message.role == .function
            let role = Role(message.role)
            var text = message.content
            if isResult { text = "<tool_response>\n\(text)\n</tool_response>" }
            if !message.toolCalls.isEmpty {
                text +=
                    (text.isEmpty ? "" : "\n")
                    + ToolCallText.text(of: message.toolCalls.map { .init(name: $0.name, arguments: $0.arguments) })
            }
            if isResult, lastWasResult, let last = turns.popLast() { text = "\(last.text)\n\(text)" }
            turns.append(ConversationTurn(role: role, text: text))
            lastWasResult = isResult
        }
        guard !tools.isEmpty, choice != .none else { return turns }
        let preamble = Self.preamble(tools)
        guard let first = turns.first, first.role == .system else {
            return [ConversationTurn(role: .system, text: preamble)] + turns
        }
        turns[0] = ConversationTurn(role: .system, text: "\(first.text)\n\n\(preamble)")
        return turns
    }
}

extension ConversationTurn.Role {
    init(_ role: ChatRole) {
        switch role {
        case .developer, .system: self = .system
        case .assistant: self = .assistant
        case .user, .tool, .function: self = .user
        }
    }
}

extension ConversationTurn {
    /// What the model is told about its tools.
    fileprivate static func preamble(_ tools: [ToolDefinition]) -> String {
        let list = tools.map { tool in
            let value: JSONValue = ["type": "function", "function": .object(tool.definition)]
            return String(decoding: value.encoded(), as: UTF8.self)
        }
        return """
            # Tools

            You can call functions. They are listed within <tools></tools>, one JSON object a line:
            <tools>
            \(list.joined(separator: "\n"))
            </tools>

            For each call, write a JSON object with the function's name and its arguments within <tool_call></tool_call>:
            <tool_call>
            {"name": <name>, "arguments": <arguments>}
            </tool_call>
            """
    }
}
