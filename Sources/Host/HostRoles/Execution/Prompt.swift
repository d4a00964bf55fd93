import EngineAPI
import OpenAIWire
import ProtocolRules

/// How a request becomes the engine's prompt and constraints: executor and auditor must agree on both.
public enum Prompt {
    /// The prompt's tokens.
    public static func tokens(
        of request: ChatCompletionRequest, by engine: any Engine
    ) async throws(EngineError) -> [TokenID] {
        switch request.prompt {
        case .conversation(let turns): try await engine.render(turns.map(EngineAPI.ChatMessage.init))
        case .text(let text), .embedding(let text): try await engine.tokenize(text)
        }
    }

    /// What the answer's tokens are held to; nil where the request names a token that the model does not have, or a form that
    /// no grammar says.
    public static func constraints(
        of request: ChatCompletionRequest, vocabularySize: UInt32
    ) -> OutputConstraints? {
        let bias = request.form.bias.map { TokenBias(token: $0.token, millionths: $0.millionths) }
        guard bias.allSatisfy({ $0.token < vocabularySize }) else { return nil }
        do throws(OpenAIError) { return OutputConstraints(bias: bias, grammar: try request.form.grammar()) } catch {
            return nil
        }
    }
}

extension EngineAPI.ChatMessage {
    init(_ turn: ConversationTurn) {
        let role: EngineAPI.ChatRole =
            switch turn.role {
            case .system: .system
            case .user: .user
            case .assistant: .assistant
            }
        self.init(role: role, content: turn.text)
    }
}
