import EngineAPI
import Logging
import OpenAIWire

extension Executor {
    /// Tells the operator of an engine's own fault; a client learns no details.
    func note(_ error: EngineError) {
        switch error {
        case .failed, .unreachable, .wrongModelFile, .unusableModel:
            logger.error("engine failed", metadata: ["reason": "\(error)"])
        case .promptTooLong, .overloaded, .cancelled, .stopped, .unsupported: break
        }
    }
}

/// The boundary between engine and clients: what each failure of an engine says to a client.
extension OpenAIError {
    /// - Parameters:
    ///   - outputTokens: what the request asks for, for the sentence about a prompt that is too long.
    static func engine(_ error: EngineError, outputTokens: UInt64, retryAfterSeconds: UInt32) -> OpenAIError {
        switch error {
        case .promptTooLong(let tokens, let limit):
            .contextLengthExceeded(
                contextTokens: UInt64(max(0, limit)), requestedTokens: UInt64(max(0, tokens)) + outputTokens)
        case .overloaded: .overloaded(retryAfterSeconds: retryAfterSeconds)
        case .stopped: .shuttingDown
        case .unsupported(let field) where ["constraints", "grammar", "bias", "embedding"].contains(field):
            // Another host's engine may.
            .unsupported(field, value: "what is asked for", instead: "this host's engine cannot do it")
        case .cancelled, .failed, .unreachable, .unsupported, .wrongModelFile, .unusableModel: .engineFailed
        }
    }
}
