import Primitives

/// Why an engine has no answer. The shells map each case to an HTTP status.
public enum EngineError: Error, Equatable, Sendable {
    /// Prompt (with its output, for a score) and context, in tokens. `tokens` is a lower bound where the text was too
    /// long to be read at all.
    case promptTooLong(tokens: Int, limit: Int)
    /// Too many requests wait already; the sender may try later or elsewhere.
    case overloaded
    /// Whoever asked does not wait any more.
    case cancelled
    /// The model could not compute; other requests may still succeed.
    case failed(reason: String)
    /// The engine is elsewhere and does not answer, or broke off; it may soon.
    case unreachable(reason: String)
    /// The engine is shutting down.
    case stopped
    /// A field of the request has a value that this engine cannot serve: an empty prompt, an unknown token, a limit of 0.
    case unsupported(field: String)
    /// The model's file is not the one of the ledger's record.
    case wrongModelFile(path: String, expected: Hash32, found: Hash32)
    /// The model's file cannot be read or used.
    case unusableModel(path: String, reason: String)
}

extension EngineError {
    /// Whether the same request may soon succeed at the same engine.
    public var isTransient: Bool {
        switch self {
        case .overloaded, .unreachable: true
        default: false
        }
    }
}

extension EngineError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .promptTooLong(let tokens, let limit):
            "The prompt has \(tokens) tokens or more and the context holds \(limit)."
        case .overloaded: "Too many requests wait already; try again later."
        case .cancelled: "The request was cancelled."
        case .failed(let reason): "The model could not compute: \(reason)."
        case .unreachable(let reason): "The engine cannot be reached: \(reason)."
        case .stopped: "The engine is shutting down."
        case .unsupported(let field): "The engine cannot serve this \(field)."
        case .wrongModelFile(let path, let expected, let found):
            "\(path) has the hash \(found), and the ledger's record says \(expected); run `make setup`, or name the right file."
        case .unusableModel(let path, let reason): "The model at \(path) cannot be used: \(reason)."
        }
    }
}
