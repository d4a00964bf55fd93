/// What came of a try at a host that found no fault with it.
enum AttemptEnd: String, CaseIterable, Sendable {
    case answered
    /// The host found the request at fault.
    case claim
    /// The client left meanwhile.
    case cancelled
    /// Another host was faster.
    case outrun
}

/// A word for each kind of fault.
enum FaultKind: String, CaseIterable, Sendable {
    case unreachable, broken, overloaded, refused, status, malformed, unfinished, receipt
    case timedOut = "timed_out"
    case contentType = "content_type"
    case preambleTooLong = "preamble_too_long"
    case gaveUp = "gave_up"

    init(_ fault: HostFault) {
        self =
            switch fault {
            case .unreachable: .unreachable
            case .broken: .broken
            case .timedOut: .timedOut
            case .refused: fault.isLoad ? .overloaded : .refused
            case .status: .status
            case .contentType: .contentType
            case .malformed, .choice: .malformed
            case .preambleTooLong: .preambleTooLong
            case .unfinished: .unfinished
            case .receipt: .receipt
            case .gaveUp: .gaveUp
            }
    }
}
