import Primitives

/// What a gateway has promised one executor of one session: a state machine without clock, disk or keys.
///
/// A voucher's amount is cumulative: fees of the receipts held + maxima of open requests. Sequences and amounts are reserved
/// ahead of use, durably; after a crash the account goes on from what was reserved. So a crash skips sequences and promises
/// a little more than needed, and never repeats or takes back.
struct VoucherAccount: Equatable, Sendable {
    /// What was written to disk before it was used.
    struct Reservation: Equatable, Sendable {
        /// Sequences up to this one may have been signed.
        var sequence: UInt64 = 0
        /// Amounts up to this one may have been signed.
        var amount = Amount.zero
    }

    /// What one voucher says.
    struct Promise: Equatable, Sendable {
        let sequence: UInt64
        let amount: Amount
        let maximum: Amount
    }

    enum Action: Equatable, Sendable {
        /// Make this reservation durable, then ask again.
        case reserve(Reservation)
        /// Sign this; the request is open from now on.
        case sign(Promise)
        /// The executor's allotment does not hold this request any more.
        case exhausted
    }

    private(set) var reservation: Reservation
    private(set) var lastSequence: UInt64
    /// Fees of the receipts held; after a crash, all that may have been promised.
    private(set) var fees: Amount
    private(set) var openMaxima = Amount.zero
    private(set) var openRequests = 0
    let allotment: Amount

    /// - Parameter reservation: what was durable when the gateway last stopped.
    init(allotment: Amount, reservation: Reservation = Reservation()) {
        self.allotment = allotment
        self.reservation = reservation
        lastSequence = reservation.sequence
        fees = reservation.amount
    }

    /// What is left for new requests.
    var available: Amount {
        guard let promised = try? fees.adding(openMaxima) else { return .zero }
        return (try? allotment.subtracting(promised)) ?? .zero
    }

    /// What a stop without a crash leaves: nothing was signed beyond it, and what is still open counts in full.
    private var settled: Reservation {
        Reservation(sequence: lastSequence, amount: (try? fees.adding(openMaxima)) ?? reservation.amount)
    }

    /// Opens a request that costs `maximum` at most.
    mutating func open(maximum: Amount) -> Action {
        guard let amount = try? fees.adding(openMaxima).adding(maximum), amount <= allotment,
            lastSequence < UInt64.max - Limits.sequencesPerReservation
        else { return .exhausted }
        let sequence = lastSequence + 1
        guard sequence <= reservation.sequence, amount <= reservation.amount else {
            return .reserve(wider(sequence: sequence, amount: amount, maximum: maximum))
        }
        lastSequence = sequence
        // `amount` holds this sum, so it fits.
        openMaxima = (try? openMaxima.adding(maximum)) ?? openMaxima
        openRequests += 1
        return .sign(Promise(sequence: sequence, amount: amount, maximum: maximum))
    }

    /// `made` is on disk.
    mutating func reserved(_ made: Reservation) {
        reservation.sequence = max(reservation.sequence, made.sequence)
        reservation.amount = max(reservation.amount, made.amount)
    }

    /// Gives back what was reserved ahead, for a stop without a crash.
    ///
    /// - Returns: what must be durable before the account is used again.
    mutating func settle() -> Reservation {
        reservation = settled
        return reservation
    }

    /// Closes a request.
    ///
    /// - Parameter fee: what the receipt says; zero where the host refused before it began; the promise's maximum where nobody
    ///   knows, since the host may hold an item that it will claim.
    mutating func close(_ promise: Promise, fee: Amount) {
        openMaxima = (try? openMaxima.subtracting(promise.maximum)) ?? .zero
        fees = (try? fees.adding(min(fee, promise.maximum))) ?? fees
        openRequests -= 1
    }

    /// Books a request that ended at no cost at its maximum after all: its voucher is in others' hands, who may have it answered.
    mutating func owe(_ promise: Promise) { fees = (try? fees.adding(promise.maximum)) ?? fees }

    /// Takes one booking of a maximum back.
    mutating func forgive(_ promise: Promise) { fees = (try? fees.subtracting(promise.maximum)) ?? .zero }

    /// Opens a request that has ended once more, under the voucher that it has: `close` must follow.
    mutating func reopen(_ promise: Promise) {
        openMaxima = (try? openMaxima.adding(promise.maximum)) ?? openMaxima
        openRequests += 1
    }

    /// A reservation that covers this request and some more like it.
    private func wider(sequence: UInt64, amount: Amount, maximum: Amount) -> Reservation {
        let (product, overflow) = maximum.ngonka.multipliedReportingOverflow(by: Limits.maximaPerReservation)
        let part = allotment.ngonka / Limits.reservationAllotmentDivisor
        let ahead = Amount(overflow ? part : min(product, part))
        let wanted = min((try? amount.adding(ahead)) ?? allotment, allotment)
        return Reservation(
            sequence: max(reservation.sequence, sequence + Limits.sequencesPerReservation),
            amount: max(reservation.amount, wanted))
    }
}
