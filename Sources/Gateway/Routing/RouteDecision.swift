import Primitives

/// Why a host was not even scored.
enum RouteExclusion: String, CaseIterable, Sendable {
    /// It was asked for this request before.
    case tried
    /// The request names another.
    case notNamed = "not_named"
    case denied
    case notAllowed = "not_allowed"
    case region
    case price
    /// Its session holds less for it than the request may cost.
    case noRoom = "no_room"
    /// It found a shorter one too long.
    case tooLong = "too_long"

    /// Whether the operator wants it so.
    var isPolicy: Bool {
        switch self {
        case .denied, .notAllowed, .region, .price: true
        case .tried, .notNamed, .noRoom, .tooLong: false
        }
    }
}

/// Why a host was picked, in one word.
enum RouteReason: String, CaseIterable, Sendable {
    /// The request names it.
    case named
    /// It answered this conversation last.
    case conversation
    /// It is the one for this beginning.
    case prefix
    /// The policy's own, before others that may be faster.
    case own
    /// Nobody else could be asked.
    case only
    /// The least expected time.
    case fastest
    /// As fast as others, and less spent.
    case leastSpent = "least_spent"
    /// Nobody is in order; it failed longest ago.
    case leastBad = "least_bad"
}

/// Whom a request goes to, in which order, and why: all that was looked at, and nothing of the request's content.
struct RouteDecision: Equatable, Sendable {
    /// A host that may be asked.
    struct Choice: Equatable, Sendable {
        let host: Address
        let session: UInt64
        let grade: HostStanding.Grade
        /// Until the answer's end, with what is known; a comparison, no promise.
        let expected: Duration
        let openRequests: Int
        let isOwn: Bool
        /// Why it is before those that follow it.
        let reason: RouteReason
    }

    /// A host that may not.
    struct LeftOut: Equatable, Sendable {
        let host: Address
        let session: UInt64
        let reason: RouteExclusion
    }

    /// The first is asked; the others in this order, where nothing changes meanwhile.
    var order: [Choice] = []
    var leftOut: [LeftOut] = []
}
