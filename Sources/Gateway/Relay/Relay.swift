import Cryptography
import Logging
import NIOCore
import OpenAIWire
import Primitives

/// Takes a client's request to a host of its session, and to the next one where the first fails before its first token.
struct Relay: Sendable {
    let pool: SessionPool
    let transport: any HostTransport
    let logger: Logger

    /// - Throws: `OpenAIError`, or `CancellationError` where the client is gone.
    func answer(_ request: RelayRequest) async throws -> RelayedAnswer {
        var tried: Set<Address> = []
        var last: OpenAIError?
        while tried.count < Limits.attemptsMax {
            let engagement: Engagement
            do { engagement = try await pool.engage(request, excluding: tried) } catch {
                throw last ?? Self.clientError(error)
            }
            tried.insert(engagement.host)
            let hold = EngagementHold(engagement, in: pool)
            let attempt = Attempt(request: request, hold: hold, transport: transport, logger: logger)
            switch try await attempt.run() {
            case .plain(let body): return RelayedAnswer(engagement, .plain(body))
            case .stream(let stream): return RelayedAnswer(engagement, .stream(stream))
            case .clientFault(let error, isFinal: true): throw error
            case .clientFault(let error, isFinal: false): last = last ?? error
            case .hostFault(let fault):
                log(fault, of: engagement)
                last = Self.clientError(fault, after: last)
            }
        }
        throw last ?? .noHostAvailable
    }

    private func log(_ fault: HostFault, of engagement: Engagement) {
        logger.debug(
            "host did not answer",
            metadata: [
                "host": "\(engagement.host.bech32)", "session": "\(engagement.session)", "fault": "\(fault)",
            ])
    }

    /// What the client reads if no other host answers: that waiting helps, where a single host said so.
    private static func clientError(_ fault: HostFault, after last: OpenAIError?) -> OpenAIError {
        if fault.isLoad { return .rateLimitExceeded(retryAfterSeconds: Limits.retryAfterSeconds) }
        if let last, last.code == .rateLimitExceeded { return last }
        return .noHostAvailable
    }

    private static func clientError(_ failure: EngagementFailure) -> OpenAIError {
        switch failure {
        case .insufficientDeposit: .insufficientQuota
        case .noRoom: .rateLimitExceeded(retryAfterSeconds: Limits.retryAfterSeconds)
        case .noHostLeft, .noSession: .noHostAvailable
        case .closed: .shuttingDown
        }
    }
}

/// A host's answer that may go to the client.
struct RelayedAnswer: Sendable {
    let host: Address
    let session: UInt64
    let content: Content

    enum Content: Sendable {
        /// The body as the host sent it.
        case plain(ByteBuffer)
        case stream(HostStream)
    }

    init(_ engagement: Engagement, _ content: Content) {
        host = engagement.host
        session = engagement.session
        self.content = content
    }
}
