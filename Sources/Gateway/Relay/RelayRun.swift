import Cryptography
import Logging
import NIOCore
import OpenAIWire
import Primitives
import ProtocolRules

/// One request's run from host to host: does what its course says, and tells it what came.
struct RelayRun {
    private let relay: Relay
    private let request: RelayRequest
    private let trace: RouteTrace
    private let deadlines: AnswerDeadlines
    private var course = RequestCourse()
    private var attempts: [Attempt] = []
    private var hedge: Int?
    private let reports = RelayReports()
    /// Attempts whose report has not been taken.
    private var running = 0
    /// Takes the calls of timers back.
    private var timers: [@Sendable () -> Void] = []

    init(_ relay: Relay, _ request: RelayRequest, _ trace: RouteTrace) {
        self.relay = relay
        self.request = request
        self.trace = trace
        deadlines = relay.limits.requestDeadlines()
    }

    /// - Throws: `OpenAIError`, or `CancellationError` where the client is gone.
    mutating func answer() async throws -> RelayedAnswer {
        var action = course.take(.begin)
        while true {
            let (attempt, stream) = try await race(action)
            guard attempts[attempt].isKept else {
                await refute()
                return answer(
                    attempt,
                    .stream(
                        AnswerStream(stream, attempt: attempt, trace: trace, continuation: continuation(of: attempt))))
            }
            switch try await attempts[attempt].finish(stream) {
            case .plain(let body):
                await refute()
                trace.ended(attempt, "answered")
                trace.end("answered")
                return answer(attempt, .plain(body))
            case let outcome: action = take(outcome, of: attempt)
            }
        }
    }

    private func answer(_ attempt: Int, _ content: RelayedAnswer.Content) -> RelayedAnswer {
        let engagement = attempts[attempt].hold.engagement
        return RelayedAnswer(
            host: engagement.host, session: engagement.session, route: trace.summary, content: content)
    }

    /// Runs attempts until one has its first token.
    private mutating func race(_ first: RequestCourse.Action) async throws -> (Int, HostStream) {
        try await withTaskGroup(of: Void.self, returning: Result<(Int, HostStream), any Error>.self) { group in
            var action = first
            var streams: [Int: HostStream] = [:]
            while true {
                switch action {
                case .engage(let isHedge): action = await engage(isHedge: isHedge, &group)
                case .wait:
                    // Somebody runs as long as the course waits.
                    guard running > 0 else { return .failure(OpenAIError.internalError) }
                    let report = await reports.next()
                    if case .stopped(_, let error) = report {
                        await end(&group)
                        return .failure(error)
                    }
                    if case .ended(let attempt, .stream(let stream)) = report { streams[attempt] = stream }
                    action = await take(report)
                case .deliver(let attempt):
                    countHedge(wonBy: attempt)
                    for (index, other) in attempts.enumerated() where index != attempt { other.hold.outrun() }
                    await end(&group)
                    return streams[attempt].map { .success((attempt, $0)) } ?? .failure(OpenAIError.internalError)
                case .fail(let error):
                    countHedge(wonBy: nil)
                    await end(&group)
                    return .failure(error)
                }
            }
        }.get()
    }

    /// Cancels what still runs, and lets go of an answer that came too late.
    private mutating func end(_ group: inout TaskGroup<Void>) async {
        for cancel in timers { cancel() }
        timers = []
        group.cancelAll()
        await group.waitForAll()
        running = 0
        for report in reports.rest() {
            switch report {
            case .ended(let attempt, .stream(let stream)):
                trace.ended(attempt, "outrun")
                await stream.abandon()
            case .ended(let attempt, let outcome): trace.ended(attempt, outcome.word)
            case .stopped(let attempt, _): trace.ended(attempt, Task.isCancelled ? "client_left" : "outrun")
            case .late: break
            }
        }
    }

    /// Has another host write a stream's answer, where any host would write the same: with a seed of the request's own, or at
    /// temperature 0 (protocol.md section 4). One try, at one host that this request has not asked.
    private func continuation(of attempt: Int) -> AnswerStream.Continuation? {
        guard request.mayBeContinued else { return nil }
        let (relay, request, trace, deadlines) = (relay, request, trace, deadlines)
        let (tried, broken) = (Set(attempts.map(\.hold.engagement.host)), attempts[attempt].hold.engagement)
        let number = attempts.count
        return {
            guard let engagement = try? await relay.pool.engage(request, excluding: tried) else { return nil }
            relay.pool.metrics.picked(engagement.reason)
            trace.engaged(engagement, isHedge: false)
            let next = Attempt(
                request: request, hold: EngagementHold(engagement, in: relay.pool), transport: relay.transport,
                limits: relay.limits, logger: relay.logger, deadlines: relay.limits.deadlines(until: deadlines.end))
            let outcome = try await next.begin()
            guard case .stream(let stream) = outcome else {
                trace.ended(number, outcome.word)
                return nil
            }
            trace.began(number, answerID: nil)
            await relay.pool.note(.failed, of: broken)
            return (stream, number)
        }
    }

    // MARK: Attempts

    private mutating func engage(isHedge: Bool, _ group: inout TaskGroup<Void>) async -> RequestCourse.Action {
        let tried = Set(attempts.map(\.hold.engagement.host))
        let engagement: Engagement
        do throws(EngagementFailure) { engagement = try await relay.pool.engage(request, excluding: tried) } catch {
            if isHedge {
                relay.hedges?.giveBack()
                relay.pool.metrics.hedged(.nobody)
            }
            return course.take(.notEngaged(error))
        }
        relay.pool.metrics.picked(engagement.reason)
        trace.engaged(engagement, isHedge: isHedge)
        let attempt = Attempt(
            request: request, hold: EngagementHold(engagement, in: relay.pool), transport: relay.transport,
            limits: relay.limits, logger: relay.logger, deadlines: relay.limits.deadlines(within: deadlines))
        let index = attempts.count
        attempts.append(attempt)
        if isHedge { hedge = index }
        running += 1
        group.addTask { [reports] in
            do { reports.add(.ended(index, try await attempt.begin())) } catch { reports.add(.stopped(index, error)) }
        }
        let action = course.take(.engaged)
        if relay.hedges != nil, course.mayHedge(index) {
            watch(index, for: engagement.hedgeDelay)
        }
        return action
    }

    /// Reports the attempt as late after a while.
    private mutating func watch(_ attempt: Int, for delay: Duration) {
        let late = Deadline(in: delay, on: relay.limits.clock)
        timers.append(late.whenPassed { [reports] in reports.add(.late(attempt)) })
    }

    private mutating func take(_ report: RelayReports.Report) async -> RequestCourse.Action {
        switch report {
        case .stopped: return .wait
        case .ended(let attempt, let outcome):
            running -= 1
            if case .stream(let stream) = outcome { trace.began(attempt, answerID: await stream.answerID) }
            return take(outcome, of: attempt)
        case .late(let attempt):
            course.isOver = deadlines.firstToken.hasPassed
            guard course.mayHedge(attempt), let hedges = relay.hedges else { return .wait }
            guard hedges.take() else {
                relay.pool.metrics.hedged(.budget)
                // Others that come meanwhile may pay for it.
                watch(attempt, for: Limits.hedgeDelayMin)
                return .wait
            }
            return course.take(.late(attempt))
        }
    }

    private mutating func take(_ outcome: Attempt.Outcome, of attempt: Int) -> RequestCourse.Action {
        // A host that is given no time would be blamed for it.
        course.isOver = deadlines.firstToken.remaining < Limits.attemptDurationMin
        switch outcome {
        case .plain, .stream: return course.take(.answered(attempt))
        case .claim(let error):
            trace.ended(attempt, outcome.word)
            return course.take(.claimed(attempt, error))
        case .hostFault(let fault), .silence(let fault):
            trace.ended(attempt, outcome.word)
            let engagement = attempts[attempt].hold.engagement
            log(fault, of: engagement)
            if outcome.isMiss {
                var unanswered = request
                // The client pays for its own answer alone.
                unanswered.bill = nil
                relay.misses?.offer(
                    UnansweredRequest(request: unanswered, engagement: engagement, wasFree: fault.costsNothing))
            }
            return course.take(.failed(attempt, fault))
        }
    }

    /// An answer shows that those who found the request at fault were wrong, and that others failed at what can be done.
    private func refute() async {
        for (attempt, conduct) in course.refuted(contextBytes: request.contextBytes) {
            await relay.pool.note(conduct, of: attempts[attempt].hold.engagement)
        }
    }

    private mutating func countHedge(wonBy attempt: Int?) {
        guard let hedge else { return }
        relay.pool.metrics.hedged(hedge == attempt ? .won : .lost)
        self.hedge = nil
    }

    private func log(_ fault: HostFault, of engagement: Engagement) {
        relay.logger.debug(
            "host did not answer",
            metadata: [
                "host": "\(engagement.host.bech32)", "session": "\(engagement.session)", "fault": "\(fault)",
            ])
    }
}

extension Attempt.Outcome {
    /// For the record of a request's way.
    fileprivate var word: String {
        switch self {
        case .plain, .stream: "answered"
        case .claim(let error): error.code.rawValue
        case .hostFault(let fault), .silence(let fault): FaultKind(fault).rawValue
        }
    }
}
