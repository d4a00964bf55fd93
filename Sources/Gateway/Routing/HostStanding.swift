import Cryptography
import Primitives

/// What one host's last answers for one model say of its next: a state machine whose time is handed in.
///
/// A *failure* is certainly the host's. A *suspicion* is a fault that the request itself may have caused, which nobody else has
/// answered yet: it costs a short while, the same for everybody, so that one bad request makes no host worse than another. A
/// second suspicion, for another request and without an answer between, is a failure.
///
/// Failures in a row put a host in quarantine, twice as long each time. When that is over it is on trial: one request at a time,
/// until it has answered one.
struct HostStanding: Equatable, Sendable {
    typealias Instant = ContinuousClock.Instant

    /// From the best to the worst. None of them keeps a host from being asked: where all are bad the least bad is tried.
    enum Grade: Int, Comparable, Sendable, CaseIterable {
        case clean
        /// Witnesses saw lately that it left a request unanswered.
        case missed
        /// It has just refused for load.
        case busy
        /// It left a request unanswered that may itself be at fault.
        case suspected
        case quarantined

        static func < (left: Grade, right: Grade) -> Bool { left.rawValue < right.rawValue }
    }

    private struct Suspicion: Equatable, Sendable {
        /// Of the request's body.
        let digest: Hash32
        let ends: Instant
    }

    /// Failures in a row; an answer halves them, so a host that fails every other request does not begin anew each time.
    private(set) var failures = 0
    /// Of the last failure or suspicion.
    private(set) var lastFault: Instant?
    private var quarantineEnds: Instant?
    private var suspicion: Suspicion?
    private var busyEnds: Instant?
    private var missEnds: Instant?

    /// Whether it is out of quarantine and has not shown itself yet.
    func isOnTrial(at now: Instant) -> Bool { quarantineEnds.map { $0 <= now } ?? false }

    /// - Parameter openRequests: that it has now; one on trial gets no second.
    func grade(at now: Instant, openRequests: Int) -> Grade {
        if let quarantineEnds, quarantineEnds > now || openRequests > 0 { return .quarantined }
        if let suspicion, suspicion.ends > now { return .suspected }
        if let busyEnds, busyEnds > now { return .busy }
        if let missEnds, missEnds > now { return .missed }
        return .clean
    }

    mutating func noteAnswer() {
        failures /= 2
        (quarantineEnds, suspicion, busyEnds, lastFault) = (nil, nil, nil, nil)
    }

    mutating func noteFailure(at now: Instant) {
        defer { lastFault = now }
        suspicion = nil
        // What was under way when it broke down is one failure together.
        if let quarantineEnds, quarantineEnds > now { return }
        failures = min(failures + 1, Limits.failuresCountedMax)
        quarantineEnds = now + Self.quarantine(after: failures)
    }

    mutating func noteSuspicion(of digest: Hash32, at now: Instant) {
        if let suspicion, suspicion.digest != digest { return noteFailure(at: now) }
        (lastFault, suspicion) = (now, Suspicion(digest: digest, ends: now + Limits.suspicionDuration))
    }

    /// - Parameter seconds: what the host said that one should wait, if it did.
    mutating func noteLoad(at now: Instant, retryAfterSeconds seconds: UInt32?) {
        let asked = Duration.seconds(Int64(seconds ?? Limits.retryAfterSeconds))
        busyEnds = now + min(asked, Limits.loadPauseMax)
    }

    mutating func noteMiss(at now: Instant) { missEnds = now + Limits.missMemory }

    /// How long a host is left alone after so many failures in a row, of at least one.
    static func quarantine(after failures: Int) -> Duration {
        var duration = Limits.quarantineMin
        for _ in 1..<max(2, failures) where failures > 1 && duration < Limits.quarantineMax { duration = duration * 2 }
        return min(duration, Limits.quarantineMax)
    }
}
