import Cryptography
import Logging
import NIOCore
import OpenAIWire
import Primitives

/// Takes a client's request to a host of its session, and to the next one where the first fails before its first token.
struct Relay: Sendable {
    let pool: SessionPool
    let transport: any HostTransport
    var limits = AnswerLimits()
    /// Takes what hosts left unanswered; nil where nobody asks witnesses.
    var misses: MissQueue?
    let logger: Logger

    /// - Throws: `OpenAIError`, or `CancellationError` where the client is gone.
    func answer(_ request: RelayRequest) async throws -> RelayedAnswer {
        var tried: Set<Address> = []
        var failures = Failures()
        while tried.count < Limits.attemptsMax {
            let engagement: Engagement
            do { engagement = try await pool.engage(request, excluding: tried) } catch {
                throw failures.clientError ?? Self.clientError(error)
            }
            tried.insert(engagement.host)
            let hold = EngagementHold(engagement, in: pool)
            let attempt = Attempt(
                request: request, hold: hold, transport: transport, limits: limits, logger: logger)
            let outcome = try await attempt.run()
            switch outcome {
            case .plain(let body): return await refuting(failures, RelayedAnswer(engagement, .plain(body)))
            case .stream(let stream): return await refuting(failures, RelayedAnswer(engagement, .stream(stream)))
            case .claim(let error):
                if failures.claims.contains(where: { $0.error.code == error.code }) { throw error }
                failures.claims.append((error, engagement))
            case .hostFault(let fault), .silence(let fault):
                log(fault, of: engagement)
                failures.note(fault)
                if outcome.isMiss {
                    misses?.offer(
                        UnansweredRequest(request: request, engagement: engagement, wasFree: fault.costsNothing))
                }
            }
        }
        throw failures.clientError ?? .noHostAvailable
    }

    /// An answer shows that those who found the request at fault were wrong.
    private func refuting(_ failures: Failures, _ answer: RelayedAnswer) async -> RelayedAnswer {
        for claim in failures.claims { await pool.note(.failed, of: claim.engagement) }
        return answer
    }

    private func log(_ fault: HostFault, of engagement: Engagement) {
        logger.debug(
            "host did not answer",
            metadata: [
                "host": "\(engagement.host.bech32)", "session": "\(engagement.session)", "fault": "\(fault)",
            ])
    }

    private static func clientError(_ failure: EngagementFailure) -> OpenAIError {
        switch failure {
        case .insufficientDeposit: .insufficientQuota
        case .noRoom: .rateLimitExceeded(retryAfterSeconds: Limits.retryAfterSeconds)
        case .noHostLeft, .noSession: .noHostAvailable
        case .notInGroup(let host): .unsupportedHost(host.bech32)
        case .closed: .shuttingDown
        }
    }
}

/// What the hosts that were tried for one request had to say.
private struct Failures {
    /// Those that found the request at fault.
    var claims: [(error: OpenAIError, engagement: Engagement)] = []
    private var isBusy = false
    private var isAnyFault = false

    mutating func note(_ fault: HostFault) {
        isAnyFault = true
        isBusy = isBusy || fault.isLoad
    }

    /// What the client reads if no other host answers: that waiting helps, where a single host said so; nil where no host
    /// was tried.
    var clientError: OpenAIError? {
        if isBusy { return .rateLimitExceeded(retryAfterSeconds: Limits.retryAfterSeconds) }
        return claims.first?.error ?? (isAnyFault ? .noHostAvailable : nil)
    }
}

/// A host's answer that may go to the client.
struct RelayedAnswer: Sendable {
    let host: Address
    let session: UInt64
    let content: Content

    enum Content: Sendable {
        /// The body, put together from what the host sent.
        case plain(ByteBuffer)
        case stream(HostStream)
    }

    init(_ engagement: Engagement, _ content: Content) {
        host = engagement.host
        session = engagement.session
        self.content = content
    }
}
