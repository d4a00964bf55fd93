import OpenAIWire

/// Why a host's answer is not one. Never the client's fault.
enum HostFault: Error, Equatable, Sendable {
    /// Nothing reached it: no connection.
    case unreachable(String)
    /// The connection broke after the request may have reached it.
    case broken(String)
    /// Silent, or slow, beyond a limit.
    case timedOut
    /// It refused with something that only another host can do better.
    case refused(OpenAIError)
    /// A status that this network's hosts do not send, or a refusal that is not one.
    case status(Int)
    /// It answered with another content type than was asked for.
    case contentType
    case malformed(AnswerError)
    /// It sent much and no token.
    case preambleTooLong
    /// A choice that was not asked for, or that ended twice.
    case choice(UInt32)
    /// The stream ended before every choice had its finish reason.
    case unfinished
    case receipt(ReceiptFault)
    /// It gave up after it had begun.
    case gaveUp(OpenAIError)

    /// Whether it certainly holds no item for the request.
    var costsNothing: Bool {
        switch self {
        case .unreachable, .refused, .status: true
        default: false
        }
    }

    /// Whether another try after a while may go well.
    var isLoad: Bool {
        if case .refused(let error) = self { error.status == 429 || error.code == .overloaded } else { false }
    }

    /// Whether it is what a witness takes for a refusal for load.
    var isRefusalForLoad: Bool {
        switch self {
        case .refused(let error): error.isRefusalForLoad
        case .status(let status): status == 429 || status == 503
        default: false
        }
    }

    /// What a client is told where the answer had begun.
    var clientError: OpenAIError {
        if case .gaveUp(let error) = self { error } else { .engineFailed }
    }
}
