import Primitives

// What a host answers to a gateway whose voucher it does not take (protocol.md section 6). None is repeated by a client of
// its own accord.
extension OpenAIError {
    private static let header = "X-Gonka-Voucher"

    public static let voucherRequired = OpenAIError(
        .voucherRequired, "A voucher is required. Ask a gateway, or open a session.", param: header)

    /// Not canonical, or for another chain, session key or executor.
    public static func voucherInvalid(_ sentence: StaticString) -> OpenAIError {
        OpenAIError(.voucherInvalid, "Invalid voucher: \(sentence).", param: header)
    }

    public static let voucherSignatureInvalid = OpenAIError(
        .voucherSignatureInvalid, "The voucher's signature does not verify against the session key.", param: header)

    public static func voucherTooOld(height: UInt64, oldest: UInt64) -> OpenAIError {
        OpenAIError(
            .voucherTooOld, "The voucher was signed at height \(height); the oldest that is taken now is \(oldest).",
            param: header)
    }

    public static let voucherDigestMismatch = OpenAIError(
        .voucherDigestMismatch, "The voucher was signed for another request body.", param: header)

    public static func voucherSequenceReused(_ sequence: UInt64) -> OpenAIError {
        OpenAIError(
            .voucherSequenceReused, "Sequence \(sequence) was used for another request body.", param: header)
    }

    public static func voucherAmountTooLow(_ amount: Amount, needed: Amount) -> OpenAIError {
        OpenAIError(
            .voucherAmountTooLow, "The voucher promises \(amount); with this request \(needed) are needed.",
            param: header)
    }

    public static func allotmentExceeded(_ amount: Amount, allotment: Amount) -> OpenAIError {
        OpenAIError(
            .allotmentExceeded,
            "The voucher promises \(amount); this session's allotment for this host is \(allotment).",
            param: header)
    }

    public static func sessionNotFound(_ session: UInt64) -> OpenAIError {
        OpenAIError(
            .sessionNotFound, "Session \(session) does not exist, or this host is not in its group.", param: header)
    }

    public static func sessionClosed(_ session: UInt64) -> OpenAIError {
        OpenAIError(.sessionClosed, "Session \(session) takes no more requests.", param: header)
    }

    /// No such item, or it was settled so long ago that it is not kept any more.
    public static let itemNotFound = OpenAIError(.itemNotFound, "This host keeps no such item.")

    /// The item's proof may be shown only after the auditors have committed to theirs.
    public static let itemNotOpened = OpenAIError(
        .itemNotOpened,
        "This item has not been claimed and opened yet. Its proof is shown after its round's open window.")
}
