// What a host answers to an auditor whose request it does not take (protocol.md section 5).
extension OpenAIError {
    /// Not canonical, or for another chain, host or time.
    public static func auditRequestInvalid(_ sentence: StaticString) -> OpenAIError {
        OpenAIError(.auditRequestInvalid, "Invalid audit request: \(sentence).")
    }

    public static let auditSignatureInvalid = OpenAIError(
        .auditSignatureInvalid, "The audit request's signature does not verify against the auditor's operator key.")

    /// The ledger's draw does not list the one who asks, or the window is not open.
    public static let auditNotEntitled = OpenAIError(
        .auditNotEntitled, "The ledger does not name you as an auditor of this sample now.")
}
