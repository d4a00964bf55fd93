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
}
