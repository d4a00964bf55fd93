import Primitives
import ProtocolRules

/// One host under one session, as it stands at the moment of a decision. Nothing in it reads a clock.
struct RouteCandidate: Equatable, Sendable {
    let host: Address
    let session: UInt64
    /// In the order of sessions, then as drawn: what decides where nothing else does.
    var place: Int
    /// Whether its session is near its end, and others are to be used first.
    var isSessionSpent = false
    /// Of this gateway, for this model, under all sessions.
    var openRequests = 0
    var grade = HostStanding.Grade.clean
    /// How long ago it last failed; nil where it did not.
    var sinceFault: Duration?
    /// For each open request; nil where nothing is known.
    var firstToken: Duration?
    /// Between two pieces of an answer, for each open request; nil where nothing is known.
    var interval: Duration?
    /// Fees and maxima that it was promised under its session.
    var earned = Amount.zero
    var prices: TokenPrices
    /// What needs so much context is too long for it; nil where that is not known.
    var contextBytesTooMany: UInt64?
    /// What its session still holds for it.
    var available: Amount
    /// What the request can cost there.
    var maximum: Amount
}

/// What is to be decided about a request; nothing of its content.
struct RouteQuestion: Equatable, Sendable {
    /// The only host that may answer it; nil for any.
    var pinned: Address?
    /// Those that were asked already.
    var tried: Set<Address> = []
    /// What it needs of a context, in bytes: its texts and the longest answer.
    var contextBytes: UInt64
    /// Pieces that its answer is likely to have.
    var outputTokens: UInt64
    /// Names the conversation's beginning; nil where that is too short to be worth a cache.
    var prefix: PrefixKeys?
    /// Who answered this conversation last, if that is known.
    var lastHost: Address?
}
