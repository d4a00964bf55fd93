import OpenAIWire
import Primitives

/// How a host did with one request.
enum HostConduct: Equatable, Sendable {
    case good
    /// The host's fault for certain.
    case failed
    /// A fault that the request with this digest may have caused.
    case suspect(Hash32)
    /// It refused for load, and said how many seconds to wait or did not.
    case busy(UInt32?)
    /// Witnesses saw that it left the request unanswered.
    case missed
    /// It found too long what another host answered, which needs so many bytes of context.
    case tooLong(UInt64)
    /// The request says nothing about it: the client left, or was at fault itself.
    case unknown
}

extension HostFault {
    /// Whom a fault counts against.
    ///
    /// Who cannot be reached, answers in another form or signs a false receipt has failed, whatever it was asked. 429 and 503 are
    /// load. Silence, a break and a failed engine may be a request's doing, which would have the same fate at the next host: one
    /// caller would put every host in quarantine.
    func conduct(for digest: Hash32) -> HostConduct {
        switch self {
        case .unreachable, .contentType, .malformed, .preambleTooLong, .choice, .receipt: .failed
        case .broken, .timedOut, .unfinished: .suspect(digest)
        case .gaveUp(let error), .refused(let error):
            if error.isRefusalForLoad { .busy(error.retryAfterSeconds) } else { Self.conduct(error, for: digest) }
        case .status(let status):
            if status == 429 || status == 503 { .busy(nil) } else if status >= 500 { .suspect(digest) } else { .failed }
        }
    }

    /// What the gateway has checked itself it does not believe a host that finds it wrong.
    private static func conduct(_ error: OpenAIError, for digest: Hash32) -> HostConduct {
        error.status >= 500 ? .suspect(digest) : .failed
    }
}

extension OpenAIError {
    /// Whether it says that another try after a while may go well.
    var isRefusalForLoad: Bool { status == 429 || status == 503 }
}
