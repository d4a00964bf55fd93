import Cryptography
import Primitives
import Synchronization

/// Takes down the way of one request while it goes on; the log keeps it.
final class RouteTrace: Sendable {
    let id: String
    private let start: ContinuousClock.Instant
    private let now: @Sendable () -> ContinuousClock.Instant
    private let record: Mutex<RouteRecord>

    init(_ record: RouteRecord, now: @escaping @Sendable () -> ContinuousClock.Instant) {
        id = record.id
        start = now()
        self.now = now
        self.record = Mutex(record)
    }

    /// As it is now.
    var current: RouteRecord { record.withLock { $0 } }

    /// A host was engaged; attempts are numbered from 0 in this order.
    func engaged(_ engagement: Engagement, isHedge: Bool) {
        let (order, leftOut) = (engagement.decision.order, engagement.decision.leftOut)
        let kept = RouteDecision(
            order: Array(order.prefix(Limits.routeHostsKeptMax)),
            leftOut: Array(leftOut.prefix(Limits.routeHostsKeptMax)))
        let attempt = RouteRecord.Attempt(
            host: engagement.host, session: engagement.session, reason: engagement.reason, isHedge: isHedge,
            startedAfter: now() - start, decision: kept,
            cut: order.count + leftOut.count - kept.order.count - kept.leftOut.count)
        record.withLock { $0.attempts.append(attempt) }
    }

    /// The attempt's first token came.
    func began(_ attempt: Int, answerID: String?) {
        let elapsed = now() - start
        record.withLock { record in
            guard record.attempts.indices.contains(attempt) else { return }
            record.answerID = answerID.flatMap(RouteLog.bounded) ?? record.answerID
            record.attempts[attempt].firstTokenAfter = elapsed - record.attempts[attempt].startedAfter
        }
    }

    /// Says of an attempt what came of it, the first time.
    func ended(_ attempt: Int, _ outcome: String) {
        record.withLock { record in
            guard record.attempts.indices.contains(attempt), record.attempts[attempt].outcome == nil else { return }
            record.attempts[attempt].outcome = outcome
        }
    }

    /// Says how the request ended, the first time.
    func end(_ outcome: String) {
        let elapsed = now() - start
        record.withLock { record in
            guard record.outcome == nil else { return }
            (record.outcome, record.duration) = (outcome, elapsed)
        }
    }

    /// For the header `X-Gonka-Route`: what `gonka explain` wants to know, who answered, why, and how many were asked.
    var summary: String {
        let record = current
        let answering = record.attempts.last { $0.firstTokenAfter != nil } ?? record.attempts.last
        let host = answering.map { "; host=\($0.host.bech32); reason=\($0.reason.rawValue)" } ?? ""
        let isHedged = record.attempts.contains(where: \.isHedge)
        return "\(id)\(host); attempts=\(record.attempts.count); hedged=\(isHedged ? "yes" : "no")"
    }
}

extension Engagement {
    /// What the decision says of its host.
    var choice: RouteDecision.Choice? { decision.order.first { $0.host == host && $0.session == session } }

    /// Why this host was picked, of those that could be.
    var reason: RouteReason { choice?.reason ?? .only }
}
