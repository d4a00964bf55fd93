import Cryptography
import OpenAIWire
import Primitives
import WireFormat

/// The way that one request took: what was decided, who was asked, what came of it. Nothing of its content, and nothing of who
/// asked.
struct RouteRecord: Sendable {
    /// One host that was asked.
    struct Attempt: Sendable {
        let host: Address
        let session: UInt64
        let reason: RouteReason
        /// Whether it was asked beside another.
        let isHedge: Bool
        /// Since the request came.
        let startedAfter: Duration
        /// Since the attempt began; nil where none came.
        var firstTokenAfter: Duration?
        /// In a word: what came of it; nil while it runs.
        var outcome: String?
        /// All that was looked at, cut to a bound.
        let decision: RouteDecision
        /// Hosts of the decision that were cut.
        let cut: Int
    }

    let id: String
    let requestID: String?
    let model: String
    /// The name of the key's routing policy; nil where the gateway's own decided.
    var policy: String?
    let promptSize: PromptSize
    /// Seconds since 1970-01-01 UTC.
    let receivedAt: UInt64
    /// What the host calls the answer, once it has begun.
    var answerID: String?
    var attempts: [Attempt] = []
    /// In a word: how it ended; nil while it runs.
    var outcome: String?
    var duration: Duration?
}

extension RouteRecord {
    /// As `GET /v1/gonka/routes/{id}` answers; durations in milliseconds.
    var json: JSONValue {
        [
            "id": .string(id), "request_id": requestID.map { .string($0) } ?? .null,
            "answer_id": answerID.map { .string($0) } ?? .null, "model": .string(model),
            "policy": policy.map { .string($0) } ?? .null, "prompt_size": .string("\(promptSize)"),
            "received_at": .number(receivedAt),
            "outcome": outcome.map { .string($0) } ?? .null, "duration_ms": Self.milliseconds(duration),
            "attempts": .array(attempts.map(\.json)),
        ]
    }

    fileprivate static func milliseconds(_ duration: Duration?) -> JSONValue {
        guard let (seconds, attoseconds) = duration?.components else { return .null }
        return .number(UInt64(clamping: seconds &* 1_000 &+ attoseconds / 1_000_000_000_000_000))
    }
}

extension RouteRecord.Attempt {
    fileprivate var json: JSONValue {
        [
            "host": .string(host.bech32), "session": .number(session), "reason": .string(reason.rawValue),
            "hedge": .boolean(isHedge), "started_after_ms": RouteRecord.milliseconds(startedAfter),
            "first_token_after_ms": RouteRecord.milliseconds(firstTokenAfter),
            "outcome": outcome.map { .string($0) } ?? .null,
            "candidates": .array(decision.order.map(\.json)), "left_out": .array(decision.leftOut.map(\.json)),
            "not_shown": .number(UInt64(cut)),
        ]
    }
}

extension RouteDecision.Choice {
    fileprivate var json: JSONValue {
        [
            "host": .string(host.bech32), "session": .number(session), "health": .string("\(grade)"),
            "expected_ms": RouteRecord.milliseconds(expected), "open_requests": .number(UInt64(max(0, openRequests))),
            "own": .boolean(isOwn), "reason": .string(reason.rawValue),
        ]
    }
}

extension RouteDecision.LeftOut {
    fileprivate var json: JSONValue {
        ["host": .string(host.bech32), "session": .number(session), "reason": .string(reason.rawValue)]
    }
}
