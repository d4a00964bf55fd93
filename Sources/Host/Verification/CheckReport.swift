import WireFormat

/// One check of a receipt and what came of it.
public struct CheckReport: Equatable, Sendable {
    public enum Outcome: String, Sendable {
        case passed
        case failed
        /// What it needs is not there; says nothing about the receipt.
        case skipped
    }

    public let check: Check
    public let outcome: Outcome
    /// The figures, or why it was skipped.
    public let detail: String

    public init(_ check: Check, _ outcome: Outcome, _ detail: String) {
        self.check = check
        self.outcome = outcome
        self.detail = detail
    }

    public var json: JSONValue {
        ["check": .string(check.rawValue), "outcome": .string(outcome.rawValue), "detail": .string(detail)]
    }
}

/// Everything that is checked, in the order of the report. All run, whatever the others say: none hides another.
public enum Check: String, CaseIterable, Sendable {
    /// The executor's operator key signed the receipt.
    case signature
    /// It is of the ledger's chain.
    case chain
    /// That key is the one that the ledger has for the executor.
    case operatorKey = "operator_key"
    /// It says, as the session does, whether its tokens are evidence of the model.
    case unproven
    /// The prompt's tokens are those of the item.
    case promptDigest = "prompt_digest"
    /// The output's tokens are those of the item.
    case outputDigest = "output_digest"
    /// The answer's text is the one the receipt stands for, and the one that the tokens give by the executor's rule.
    case answer
    /// The answer ends at its last token and for the reason stated: end token, stop text, limit, or client.
    case ending
    /// The request is the one that the item answers, and for the same model.
    case requestDigest = "request_digest"
    /// The model's chat template makes these prompt tokens of the request.
    case prompt
    /// The item was sampled as the request says.
    case sampling
    /// The seed follows from the request, or from session, executor and voucher.
    case seed
    /// The fee follows from tokens and prices.
    case fee
    /// The file is the one of the model's record.
    case modelFile = "model_file"
    /// The model would have chosen these tokens.
    case margin
    /// The model gives these tokens these log-probabilities.
    case fingerprint
    /// The item lies in the claim that the ledger holds, at the place of its session and number.
    case claim
}
