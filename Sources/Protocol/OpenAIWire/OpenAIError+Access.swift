// What a gateway says to those whose keys do not reach as far as they ask.
extension OpenAIError {
    /// A signed request of an account that this gateway does not pay for.
    public static let requesterNotListed = OpenAIError(
        .invalidSignature, "Incorrect API key provided: this gateway does not pay for the account that signed.",
        param: "X-Requester-Address")

    public static let keyDisabled = OpenAIError(
        .invalidAPIKey, "Incorrect API key provided: it is switched off. Ask who gave it to you.")
    public static let keyExpired = OpenAIError(
        .invalidAPIKey, "Incorrect API key provided: it has expired. Ask who gave it to you.")
}

// What the network's public pages say where they have nothing to show.
extension OpenAIError {
    /// - Parameter what: for example `epoch`.
    public static func noSuch(_ what: String) -> OpenAIError { OpenAIError(.notFound, "There is no such \(what).") }

    public static let invalidEpoch = OpenAIError(
        .invalidValue, "An epoch is 'current' or a number from 1 on.", param: "epoch")

    /// A key that cannot be as it was asked for.
    public static func invalidKey(_ reason: String) -> OpenAIError {
        OpenAIError(.invalidValue, "The key cannot be so: \(reason).")
    }

    public static let ledgerUnreachable = OpenAIError(
        .overloaded, "The ledger cannot be read at the moment. Please try again in 1 s.", retryAfterSeconds: 1)
}

// What a key's own limits say.
extension OpenAIError {
    /// - Parameters:
    ///   - name: `day`, `month` or `total`.
    ///   - renewal: when the budget begins anew, as RFC 3339 writes it; nil for never.
    public static func budgetExceeded(
        _ name: String, budget: String, left: String, maximum: String, renewal: String?
    ) -> OpenAIError {
        OpenAIError(
            .insufficientQuota,
            "You exceeded your current quota: of this key's \(name) budget of \(budget), \(left) are left beside its open "
                + "requests, and this one can cost \(maximum). "
                + (renewal.map { "The budget begins anew at \($0)." } ?? "The budget does not renew."))
    }

    /// - Parameter what: `requests` or `tokens`.
    public static func keyRateExceeded(_ what: String, _ seconds: UInt32) -> OpenAIError {
        OpenAIError(
            .rateLimitExceeded,
            "Rate limit reached for this key's \(what) per minute. Please try again in \(seconds) s.",
            retryAfterSeconds: seconds)
    }
}
