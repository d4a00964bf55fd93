// What a server says before and after it has read a body: credentials, models, HTTP, load, engines.
extension OpenAIError {
    /// A bearer key that nobody issued, or none. LiteLLM recognises the first three words.
    public static let invalidAPIKey = OpenAIError(
        .invalidAPIKey, "Incorrect API key provided. Send the key of this gateway as 'Authorization: Bearer <key>'.")

    /// A request signature that does not verify, is not 64 bytes with low s, or names another account.
    public static let invalidSignature = OpenAIError(
        .invalidSignature, "Incorrect API key provided: the request's signature does not verify.")

    public static let timestampTooOld = OpenAIError(
        .timestampTooOld, "The request's timestamp is too old. Sign it anew.", param: "X-Timestamp")
    public static let timestampInFuture = OpenAIError(
        .timestampInFuture, "The request's timestamp is in the future. Set your clock.", param: "X-Timestamp")
    public static let requestReplayed = OpenAIError(
        .requestReplayed, "This signature has been used already. Sign each request anew.", param: "Authorization")

    /// Nothing is left to pay with.
    public static let insufficientQuota = OpenAIError(
        .insufficientQuota, "You exceeded your current quota: the session's deposit does not cover this request.")

    /// A model that this server does not serve.
    public static func modelNotFound(_ model: String) -> OpenAIError {
        OpenAIError(
            .modelNotFound, "The model '\(model.bounded())' does not exist or you do not have access to it.",
            param: "model")
    }

    /// A prompt that, with the output asked for, does not fit.
    ///
    /// - Parameters:
    ///   - contextTokens: the model's context.
    ///   - requestedTokens: prompt tokens and output tokens asked for, together.
    public static func contextLengthExceeded(contextTokens: UInt64, requestedTokens: UInt64) -> OpenAIError {
        OpenAIError(
            .contextLengthExceeded,
            "This model's maximum context length is \(contextTokens) tokens. However, you requested \(requestedTokens) "
                + "tokens in the messages and the completion. Please reduce the length of either.",
            param: "messages")
    }

    /// A browser's request for another host, or from a page of another origin, to a server of this machine only.
    public static let originNotAllowed = OpenAIError(
        .originNotAllowed, "This server answers to this machine only. Ask for 127.0.0.1 or localhost.")

    public static let unknownURL = OpenAIError(.unknownURL, "Unknown request URL. See docs/api.md for what is served.")

    public static func methodNotAllowed(_ allowed: String) -> OpenAIError {
        OpenAIError(.methodNotAllowed, "This URL answers to \(allowed) only.")
    }

    /// The headers or the body did not arrive in time.
    public static let requestTimeout = OpenAIError(.requestTimeout, "The request did not arrive in time.")

    public static func bodyTooLarge(bytesMax: Int) -> OpenAIError {
        OpenAIError(.bodyTooLarge, "The request body is larger than \(bytesMax) bytes.")
    }

    public static let headersTooLarge = OpenAIError(
        .headersTooLarge, "The request's headers are too many or too large.")

    /// Anything but JSON in UTF-8, compressed bodies included.
    public static let unsupportedMediaType = OpenAIError(
        .unsupportedMediaType, "Send 'Content-Type: application/json' and an uncompressed body in UTF-8.")

    public static func rateLimitExceeded(retryAfterSeconds: UInt32) -> OpenAIError {
        OpenAIError(
            .rateLimitExceeded, "Rate limit reached. Please try again in \(retryAfterSeconds) s.",
            retryAfterSeconds: retryAfterSeconds)
    }

    /// All sequences and the queue before them are full.
    public static func overloaded(retryAfterSeconds: UInt32) -> OpenAIError {
        OpenAIError(
            .overloaded, "The server is overloaded. Please try again in \(retryAfterSeconds) s.",
            retryAfterSeconds: retryAfterSeconds)
    }

    /// No host of the session's group can take the request.
    public static let noHostAvailable = OpenAIError(
        .noHostAvailable, "No host of this session can answer at the moment. Please try again.", retryAfterSeconds: 1)

    public static let shuttingDown = OpenAIError(
        .shuttingDown, "The server is shutting down. Please try another.", retryAfterSeconds: 1)

    /// The engine stopped, before the first token or in mid-stream.
    public static let engineFailed = OpenAIError(
        .engineFailed, "The engine failed. You are not charged for this answer.")

    public static let internalError = OpenAIError(.internalError, "Something went wrong here. Please try again.")
}
