/// Every reason for which a request can fail, as a machine reads it: the closed set of `error.code`. Each has one status
/// and one type. Codes are never renamed.
public enum OpenAIErrorCode: String, CaseIterable, Sendable {
    // The request's bytes and what they say.
    case invalidJSON = "invalid_json"
    case missingParameter = "missing_required_parameter"
    case unknownParameter = "unknown_parameter"
    case unsupportedParameter = "unsupported_parameter"
    case unsupportedValue = "unsupported_value"
    case unsupportedSchema = "unsupported_schema"
    case invalidType = "invalid_type"
    case invalidValue = "invalid_value"
    case integerBelowMinimum = "integer_below_min_value"
    case integerAboveMaximum = "integer_above_max_value"
    case decimalBelowMinimum = "decimal_below_min_value"
    case decimalAboveMaximum = "decimal_above_max_value"
    case stringTooLong = "string_above_max_length"
    case emptyString = "empty_string"
    case arrayTooLong = "array_above_max_length"
    case emptyArray = "empty_array"
    case contextLengthExceeded = "context_length_exceeded"

    // Who asks, and for what.
    case invalidAPIKey = "invalid_api_key"
    case invalidSignature = "invalid_signature"
    case timestampTooOld = "timestamp_too_old"
    case timestampInFuture = "timestamp_in_future"
    case requestReplayed = "request_replayed"
    case insufficientQuota = "insufficient_quota"
    case modelNotFound = "model_not_found"
    case notFound = "not_found"

    // HTTP.
    case originNotAllowed = "origin_not_allowed"
    case unknownURL = "unknown_url"
    case methodNotAllowed = "method_not_allowed"
    case requestTimeout = "request_timeout"
    case bodyTooLarge = "request_too_large"
    case unsupportedMediaType = "unsupported_media_type"
    case headersTooLarge = "request_headers_too_large"

    // Between a gateway and a host (protocol.md section 6).
    case voucherRequired = "voucher_required"
    case voucherInvalid = "voucher_invalid"
    case voucherSignatureInvalid = "voucher_signature_invalid"
    case voucherTooOld = "voucher_too_old"
    case voucherDigestMismatch = "voucher_digest_mismatch"
    case voucherSequenceReused = "voucher_sequence_reused"
    case voucherAmountTooLow = "voucher_amount_too_low"
    case allotmentExceeded = "allotment_exceeded"
    case sessionNotFound = "session_not_found"
    case sessionClosed = "session_closed"
    case itemNotFound = "item_not_found"
    case itemNotOpened = "item_not_opened"

    // Between an auditor and a host (protocol.md section 5).
    case auditRequestInvalid = "audit_request_invalid"
    case auditSignatureInvalid = "audit_signature_invalid"
    case auditNotEntitled = "audit_not_entitled"

    // Between a gateway and a witness (protocol.md section 6).
    case witnessNotDrawn = "witness_not_drawn"

    // The server's own trouble.
    case rateLimitExceeded = "rate_limit_exceeded"
    case overloaded = "overloaded"
    case noHostAvailable = "no_host_available"
    case shuttingDown = "shutting_down"
    case engineFailed = "engine_failed"
    case internalError = "internal_error"

    /// The HTTP status. Never 409, which clients repeat by themselves.
    public var status: Int {
        switch self {
        case .invalidAPIKey, .invalidSignature, .voucherSignatureInvalid, .auditSignatureInvalid: 401
        case .insufficientQuota, .voucherRequired, .voucherAmountTooLow, .allotmentExceeded: 402
        case .originNotAllowed, .sessionClosed, .auditNotEntitled, .witnessNotDrawn: 403
        case .modelNotFound, .notFound, .unknownURL, .sessionNotFound, .itemNotFound: 404
        case .methodNotAllowed: 405
        case .requestTimeout: 408
        case .bodyTooLarge: 413
        case .unsupportedMediaType: 415
        case .itemNotOpened: 425
        case .rateLimitExceeded: 429
        case .headersTooLarge: 431
        case .engineFailed, .internalError: 500
        case .overloaded, .noHostAvailable, .shuttingDown: 503
        default: 400
        }
    }

    /// OpenAI's coarse word, `error.type`. LiteLLM decides by it before it looks at the status.
    public var type: String {
        switch self {
        case .rateLimitExceeded: "rate_limit_error"
        case .insufficientQuota: "insufficient_quota"
        default: status >= 500 ? "server_error" : "invalid_request_error"
        }
    }
}
