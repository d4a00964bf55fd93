import Cryptography
import OpenAIWire
import Primitives

/// One request from host to host until one answers: a state machine, event in, what to do out. Whoever performs it engages,
/// sends, waits and cancels; the simulation of `RoutingFigureTests` is another performer.
///
/// Each attempt is an engagement of its own, with a sequence and a maximum of its own, so trying again charges nothing twice: who
/// refused is owed nothing, and who may hold an item is owed its maximum at most. There are at most `Limits.attemptsMax`, one
/// hedge among them.
struct RequestCourse: Sendable {
    enum Event: Sendable {
        /// The client's request is there.
        case begin
        /// A host was engaged and is asked now; attempts are numbered from 0 in this order.
        case engaged
        case notEngaged(EngagementFailure)
        /// The attempt's first token came.
        case answered(Int)
        case claimed(Int, OpenAIError)
        case failed(Int, HostFault)
        /// The attempt's first token is late, and a hedge is paid for.
        case late(Int)
    }

    enum Action: Equatable, Sendable {
        /// Engage the best host that was not tried, and ask it.
        case engage(isHedge: Bool)
        case wait
        /// This attempt's answer goes to the client; all others that run are cancelled.
        case deliver(Int)
        /// The client is told this; all that runs is cancelled.
        case fail(OpenAIError)
    }

    private enum State: Equatable, Sendable {
        case running
        case answering
        case ended
    }

    private var attempts: [State] = []
    private var claims: [(attempt: Int, error: OpenAIError)] = []
    private var suspects: [Int] = []
    private var isBusy = false
    private var isAnyFault = false
    private var isEngagingHedge = false
    private(set) var hasHedged = false
    /// The request's time is over: nobody else is asked.
    var isOver = false

    /// Attempts so far.
    var count: Int { attempts.count }

    /// Whether a second host may be asked beside the attempt.
    func mayHedge(_ attempt: Int) -> Bool {
        !hasHedged && !isOver && attempts.count < Limits.attemptsMax && attempts.indices.contains(attempt)
            && attempts[attempt] == .running && attempts.count { $0 == .running } == 1
    }

    mutating func take(_ event: Event) -> Action {
        switch event {
        case .begin: return .engage(isHedge: false)
        case .engaged:
            (hasHedged, isEngagingHedge) = (hasHedged || isEngagingHedge, false)
            attempts.append(.running)
            return .wait
        case .notEngaged(let failure):
            isEngagingHedge = false
            if attempts.contains(.running) { return .wait }
            return .fail(clientError ?? Self.clientError(failure))
        case .answered(let attempt):
            attempts[attempt] = .answering
            for other in attempts.indices where attempts[other] == .running { attempts[other] = .ended }
            return .deliver(attempt)
        case .claimed(let attempt, let error):
            attempts[attempt] = .ended
            if claims.contains(where: { $0.error.code == error.code }) { return .fail(error) }
            claims.append((attempt, error))
            return next()
        case .failed(let attempt, let fault):
            attempts[attempt] = .ended
            note(fault, of: attempt)
            return next()
        case .late(let attempt):
            guard mayHedge(attempt) else { return .wait }
            isEngagingHedge = true
            return .engage(isHedge: true)
        }
    }

    /// Attempts that an answer has shown to be wrong: their claim was, or what they failed at can be done.
    func refuted(contextBytes: UInt64) -> [(attempt: Int, conduct: HostConduct)] {
        claims.map { ($0.attempt, $0.error.code == .contextLengthExceeded ? .tooLong(contextBytes) : .failed) }
            + suspects.map { ($0, .failed) }
    }

    private mutating func note(_ fault: HostFault, of attempt: Int) {
        isAnyFault = true
        isBusy = isBusy || fault.isLoad
        if case .suspect = fault.conduct(for: .zero) { suspects.append(attempt) }
    }

    private func next() -> Action {
        if attempts.contains(.running) { return .wait }
        guard attempts.count < Limits.attemptsMax, !isOver else { return .fail(clientError ?? .noHostAvailable) }
        return .engage(isHedge: false)
    }

    /// What the client reads if no other host answers: that waiting helps, where a single host said so; nil where no host
    /// was tried.
    private var clientError: OpenAIError? {
        if isBusy { return .rateLimitExceeded(retryAfterSeconds: Limits.retryAfterSeconds) }
        return claims.first?.error ?? (isAnyFault ? .noHostAvailable : nil)
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
