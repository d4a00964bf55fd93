import OpenAIWire

extension OpenAIErrorCode {
    /// Whom a host's refusal speaks about.
    enum FaultSide: Equatable {
        /// Every host would say the same of this body: the client gets to read it.
        case request
        /// Hosts may differ about it, and it is nobody's fault: another is tried.
        case view
        /// The host, its load, or what the gateway sent with the request: another is tried, and the host waits.
        case host
    }

    var faultSide: FaultSide {
        switch self {
        case .modelNotFound, .unknownURL, .methodNotAllowed: .view
        case .requestTimeout, .timestampTooOld, .timestampInFuture, .requestReplayed: .host
        case .voucherRequired, .voucherInvalid, .voucherSignatureInvalid, .voucherTooOld, .voucherDigestMismatch,
            .voucherSequenceReused, .voucherAmountTooLow, .allotmentExceeded, .sessionNotFound, .sessionClosed:
            .host
        default: [400, 413, 415].contains(status) ? .request : .host
        }
    }
}
