import Cryptography
import Messages
import Primitives

/// A session that requests can be sent under, with the hosts of its group.
struct OpenSession: Sendable {
    let record: SessionRecord
    /// One per member, in the order in which they were drawn.
    var seats: [Seat]
    /// Takes no request any more; it is closed when the last open one has ended.
    var isClosing = false

    /// One host of the group.
    struct Seat: Sendable {
        let host: Address
        var url: String
        var operatorKey: PublicKey
        let allotment: Amount
        /// Failures in a row.
        var failures = 0
        /// Until then it is tried only after all others.
        var probationEnds: ContinuousClock.Instant?
    }

    var id: UInt64 { record.id }

    /// The most that a single request can cost under this session, as long as nothing was spent.
    var allotmentMax: Amount { seats.map(\.allotment).max() ?? .zero }

    func key(_ seat: Seat) -> VoucherBook.Key { VoucherBook.Key(session: id, executor: seat.host) }

    /// Requests under it that have not ended.
    func openRequests(in book: VoucherBook) -> Int { seats.reduce(0) { $0 + (book[key($1)]?.openRequests ?? 0) } }

    /// The most that any member can still take on.
    func available(in book: VoucherBook) -> Amount { seats.compactMap { book[key($0)]?.available }.max() ?? .zero }

    /// Whether anything was ever asked under it.
    func isUsed(in book: VoucherBook) -> Bool { seats.contains { (book[key($0)]?.lastSequence ?? 0) > 0 } }

    /// Whether it is near its end, in blocks or in coins.
    func isSpent(at height: UInt64, in book: VoucherBook) -> Bool {
        let (renewal, overflow) = height.addingReportingOverflow(Limits.renewalBlocks)
        let enough = Amount(allotmentMax.ngonka / Limits.renewalAllotmentDivisor)
        return overflow || renewal >= record.expiryHeight || available(in: book) < enough
    }

    /// The seats in the order in which a request should try them: those not on probation first, then least busy, then least
    /// spent, then as drawn.
    func ranking(in book: VoucherBook, now: ContinuousClock.Instant) -> [Seat] {
        let ranks = seats.enumerated().map { index, seat -> (Rank, Seat) in
            let account = book[key(seat)]
            let isOnProbation = seat.probationEnds.map { $0 > now } ?? false
            return ((isOnProbation ? 1 : 0, account?.openRequests ?? 0, account?.fees.ngonka ?? 0, index), seat)
        }
        return ranks.sorted { $0.0 < $1.0 }.map(\.1)
    }

    private typealias Rank = (Int, Int, UInt64, Int)

    /// How a host did decides where it stands in the next ranking.
    mutating func note(_ conduct: HostConduct, of host: Address, now: ContinuousClock.Instant) {
        guard let index = seats.firstIndex(where: { $0.host == host }) else { return }
        switch conduct {
        case .unknown: break
        case .good: (seats[index].failures, seats[index].probationEnds) = (0, nil)
        case .failed:
            seats[index].failures += 1
            let counted = min(seats[index].failures, Limits.probationFailuresMax)
            seats[index].probationEnds = now + Limits.probationPerFailure * counted
        }
    }
}

/// How a host did with one request.
enum HostConduct: Equatable, Sendable {
    case good
    case failed
    /// The request says nothing about it: the client left, or was at fault itself.
    case unknown
}
