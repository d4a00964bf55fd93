// What a host answers to a gateway that asks it to be a witness and may not (protocol.md section 6).
extension OpenAIError {
    /// The ledger would take no word of this host about this request.
    public static func witnessNotDrawn(_ sentence: StaticString) -> OpenAIError {
        OpenAIError(.witnessNotDrawn, "This host is no witness of this request: \(sentence).")
    }
}
