import OpenAIWire

extension OpenAIError {
    /// Whether it says of a request what only hosts can know: that it does not fit their models, or their configuration. It
    /// is believed when a second host says so too.
    ///
    /// Everything else that can be wrong with a request the gateway has checked itself, with the same code: a host that finds
    /// a fault there is of another version, or lies.
    var isClaimAboutRequest: Bool {
        switch code {
        case .contextLengthExceeded, .unsupportedValue: true
        // A host may give one choice only.
        case .integerAboveMaximum: param == "n"
        default: false
        }
    }
}
