import Primitives
import Testing

@testable import Gateway

@Suite struct VoucherAccountTests {
    private typealias Promise = VoucherAccount.Promise
    private typealias Reservation = VoucherAccount.Reservation

    /// An account that may sign all of its allotment.
    private func account(allotment: UInt64 = 1_000) -> VoucherAccount {
        var account = VoucherAccount(allotment: Amount(allotment))
        account.reserved(Reservation(sequence: 1_000, amount: Amount(allotment)))
        return account
    }

    private func open(_ maximum: UInt64, in account: inout VoucherAccount) throws -> Promise {
        guard case .sign(let promise) = account.open(maximum: Amount(maximum)) else {
            throw UnexpectedAction(action: "\(account.open(maximum: Amount(maximum)))")
        }
        return promise
    }

    private struct UnexpectedAction: Error { let action: String }

    @Test func amountsAreFeesHeldAndMaximaOpen() throws {
        var account = account()
        let first = try open(100, in: &account)
        let second = try open(200, in: &account)
        #expect(first == Promise(sequence: 1, amount: Amount(100), maximum: Amount(100)))
        #expect(second == Promise(sequence: 2, amount: Amount(300), maximum: Amount(200)))
        account.close(first, fee: Amount(30))
        #expect(try open(50, in: &account).amount == Amount(30 + 200 + 50))
        account.close(second, fee: .zero)
        #expect(try open(1, in: &account).amount == Amount(30 + 50 + 1))
        #expect(account.openRequests == 2)
    }

    /// What an account still takes after one request of 400 was closed with a fee.
    @Test(arguments: [(0, 1_000), (150, 850), (400, 600), (401, 600), (.max, 600)] as [(UInt64, UInt64)])
    func aFeeIsNeverMoreThanItsMaximum(fee: UInt64, left: UInt64) throws {
        var account = account()
        account.close(try open(400, in: &account), fee: Amount(fee))
        #expect(account.available == Amount(left))
    }

    @Test(arguments: [(999, true), (1_000, true), (1_001, false), (.max, false)] as [(UInt64, Bool)])
    func theAllotmentIsTheEnd(maximum: UInt64, fits: Bool) {
        var account = account()
        let action = account.open(maximum: Amount(maximum))
        #expect((action == .exhausted) == !fits)
        #expect(account.openRequests == (fits ? 1 : 0))
    }

    @Test func nothingIsSignedBeforeItIsReserved() {
        var account = VoucherAccount(allotment: Amount(100_000))
        let wanted = Reservation(
            sequence: 1 + Limits.sequencesPerReservation, amount: Amount(10 + 10 * Limits.maximaPerReservation))
        #expect(account.open(maximum: Amount(10)) == .reserve(wanted))
        #expect(account.openRequests == 0)
        account.reserved(wanted)
        #expect(account.open(maximum: Amount(10)) == .sign(.init(sequence: 1, amount: Amount(10), maximum: Amount(10))))
    }

    /// However large a request, a crash uses up no more than a part of the allotment beyond it.
    @Test(arguments: [(10, 72), (500, 562), (990, 1_000), (1_000, 1_000)] as [(UInt64, UInt64)])
    func aReservationLeavesRoomForOthers(maximum: UInt64, amount: UInt64) throws {
        var account = VoucherAccount(allotment: Amount(1_000))
        guard case .reserve(let reservation) = account.open(maximum: Amount(maximum)) else {
            throw UnexpectedAction(action: "no reservation")
        }
        #expect(reservation.amount == Amount(amount))
    }

    @Test func afterACrashItGoesOnFromTheReservation() throws {
        var before = VoucherAccount(allotment: Amount(1_000))
        before.reserved(Reservation(sequence: 70, amount: Amount(300)))
        let signed = try open(100, in: &before)
        var after = VoucherAccount(allotment: Amount(1_000), reservation: before.reservation)
        after.reserved(Reservation(sequence: 200, amount: Amount(1_000)))
        let next = try open(1, in: &after)
        #expect(next.sequence == 71)
        #expect(next.amount == Amount(301))
        #expect(next.amount >= signed.amount)
    }

    @Test func withoutACrashNothingIsSkipped() throws {
        var before = account()
        before.close(try open(100, in: &before), fee: Amount(40))
        let stillOpen = try open(60, in: &before)
        let durable = before.settle()
        #expect(durable == Reservation(sequence: 2, amount: Amount(100)))
        // What ends after that is not known to the next start, which counts it in full.
        before.close(stillOpen, fee: .zero)
        var after = VoucherAccount(allotment: Amount(1_000), reservation: durable)
        after.reserved(Reservation(sequence: 10, amount: Amount(1_000)))
        #expect(try open(1, in: &after) == Promise(sequence: 3, amount: Amount(101), maximum: Amount(1)))
    }

    /// Nothing is promised from the numbers' ends.
    @Test func theLastSequencesAreNotUsed() {
        let reservation = Reservation(sequence: .max - 1, amount: .zero)
        var account = VoucherAccount(allotment: Amount(10), reservation: reservation)
        #expect(account.open(maximum: Amount(1)) == .exhausted)
    }
}
