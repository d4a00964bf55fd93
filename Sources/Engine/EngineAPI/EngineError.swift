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
    /// The engine is shutting down.
    case stopped
    /// A field of the request has a value that this engine cannot serve: an empty prompt, an unknown token, a limit of 0.
    case unsupported(field: String)
    /// The model's file is not the one of the ledger's record.
    case wrongModelFile(path: String, expected: Hash32, found: Hash32)
    /// The model's file cannot be read or used.
    case unusableModel(path: String, reason: String)
}
