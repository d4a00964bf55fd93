import EngineAPI
import Primitives

/// Why a node does not do what it was asked, in OpenAI's shape: `{"error": {"message", "type", "code", …}}`.
public struct EngineErrorBody: Codable, Sendable {
    struct Content: Codable, Sendable {
        var message: String
        var type = "engine_error"
        var code: String
        /// With `prompt_too_long`, in tokens.
        var tokens: Int?
        var limit: Int?
        /// With `unsupported`.
        var field: String?
        /// With `wrong_model_file`, 64 hex digits.
        var found: String?
        var expected: String?
    }

    let error: Content

    public init(_ error: EngineError) {
        var content = Content(message: "\(error)", code: error.word)
        switch error {
        case .promptTooLong(let tokens, let limit): (content.tokens, content.limit) = (tokens, limit)
        case .unsupported(let field): content.field = field
        case .wrongModelFile(_, let expected, let found):
            (content.expected, content.found) = ("\(expected)", "\(found)")
        case .failed(let reason), .unreachable(let reason), .unusableModel(_, let reason): content.message = reason
        case .overloaded, .cancelled, .stopped: break
        }
        self.error = content
    }

    /// For a request without the node's token.
    public init(unauthorized message: String) { error = Content(message: message, code: "unauthorized") }

    /// The error as the asker's side has it.
    ///
    /// - Parameter url: the node's.
    public func engineError(from url: String) -> EngineError {
        switch error.code {
        case "prompt_too_long": .promptTooLong(tokens: error.tokens ?? 0, limit: error.limit ?? 0)
        case "overloaded": .overloaded
        case "cancelled": .cancelled
        case "unauthorized": .unusableModel(path: url, reason: "it refuses this token; give its own token file")
        case "unsupported": .unsupported(field: error.field ?? "request")
        case "wrong_model_file":
            .wrongModelFile(path: url, expected: Self.hash(error.expected), found: Self.hash(error.found))
        // It may come back, and this engine is not the one that stopped.
        case "stopped", "unreachable":
            .unreachable(reason: "\(url): \(error.message.prefix(Limits.reasonCharactersMax))")
        default: .failed(reason: "\(url): \(error.message.prefix(Limits.reasonCharactersMax))")
        }
    }

    private static func hash(_ text: String?) -> Hash32 {
        text.flatMap { Hex.decode($0) }.flatMap { Hash32($0) } ?? .zero
    }
}

extension EngineError {
    /// The code on the wire.
    fileprivate var word: String {
        switch self {
        case .promptTooLong: "prompt_too_long"
        case .overloaded: "overloaded"
        case .cancelled: "cancelled"
        case .failed, .unusableModel: "failed"
        case .unreachable: "unreachable"
        case .stopped: "stopped"
        case .unsupported: "unsupported"
        case .wrongModelFile: "wrong_model_file"
        }
    }

    /// The HTTP status of a refusal that comes instead of an answer.
    public var status: Int {
        switch self {
        case .promptTooLong, .unsupported: 400
        case .wrongModelFile: 409
        case .overloaded, .unreachable, .stopped: 503
        case .cancelled, .failed, .unusableModel: 500
        }
    }
}
