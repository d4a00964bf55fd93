import Cryptography
import Messages
import Primitives

/// What an owner of hosts and gateways bought and sold: both sides from the ledger's records alone, and what went from one's own
/// pocket into the other.
///
/// Bought is over the whole life of the sessions, sold over the claims that are handed in; so both are told, and what they come to
/// together where all claims are there.
public struct TradeStatement: Equatable, Sendable {
    /// One session that the owner paid for.
    public struct Bought: Equatable, Sendable {
        public let session: UInt64
        public let model: String
        public let state: SessionState
        public let deposit: Amount
        /// To hosts and the pool.
        public let paid: Amount
        public let refunded: Amount
        /// What the owner's own hosts received of it.
        public let toOwnHosts: Amount
    }

    /// What one host of the owner's was paid under one session in one round.
    public struct Sold: Equatable, Sendable {
        public let host: Address
        public let round: UInt64
        public let session: UInt64
        public let received: Amount
        public let tax: Amount
        /// Whether the owner paid for it.
        public let isOwn: Bool
    }

    public let bought: [Bought]
    public let sold: [Sold]

    /// - Parameters:
    ///   - sessions: those that the owner's accounts opened, each with its members.
    ///   - claims: of the owner's hosts; what is not settled yet is left out.
    public init(
        hosts: Set<Address>, sessions: [(record: SessionRecord, members: [MemberRecord])], claims: [ClaimRecord]
    ) {
        let own = Set(sessions.map(\.record.id))
        bought = sessions.map { record, members in
            Bought(
                session: record.id, model: record.model, state: record.state, deposit: record.deposit,
                paid: record.paid, refunded: record.refunded,
                toOwnHosts: Self.sum(members.filter { hosts.contains($0.host) }.map(\.received)))
        }.sorted { $0.session < $1.session }
        sold = claims.filter { hosts.contains($0.host) }.flatMap { claim in
            claim.payments.filter { $0.received > .zero }.map { payment in
                Sold(
                    host: claim.host, round: claim.round, session: payment.session, received: payment.received,
                    tax: payment.tax, isOwn: own.contains(payment.session))
            }
        }.sorted { ($0.round, $0.host, $0.session) < ($1.round, $1.host, $1.session) }
    }

    /// All that was paid for answers.
    public var paid: Amount { Self.sum(bought.map(\.paid)) }
    /// The part of it that came back to the owner's own hosts.
    public var paidToOwnHosts: Amount { Self.sum(bought.map(\.toOwnHosts)) }
    /// What the owner's hosts received from others.
    public var receivedFromOthers: Amount { Self.sum(sold.filter { !$0.isOwn }.map(\.received)) }
    /// What they received under the owner's own sessions.
    public var receivedFromOwn: Amount { Self.sum(sold.filter(\.isOwn).map(\.received)) }

    /// Coins of a supply that fits add up to what fits; else the most that does.
    private static func sum(_ amounts: [Amount]) -> Amount {
        amounts.reduce(.zero) { (try? $0.adding($1)) ?? Amount(.max) }
    }
}
