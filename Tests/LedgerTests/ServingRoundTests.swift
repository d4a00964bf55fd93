import Messages
import OrderingAPI
import Primitives
import ProtocolRules
import TestSupport
import Testing

@Suite("A serving round, from claim to payment")
struct ServingRoundTests {
    private static let deposit = Amount(3_000_000_001)

    /// A ledger with session 1 open for all three hosts.
    private func ledgerWithSession() throws -> (ledger: TestLedger, payer: TestAccount) {
        let ledger = try TestLedger()
        let payer = ledger.accounts[0]
        let session = try #require(try ledger.openSession(by: payer, deposit: Self.deposit))
        #expect(session.state == .open)
        #expect(session.members.count == 3)
        return (ledger, payer)
    }

    @Test(
        "An executor is paid the least of fee, voucher and allotment, less the tax, and the rest is refunded",
        arguments: [
            // Fee, voucher, what leaves the deposit: the allotment is 1 000 000 000.
            (70, 100, 70), (100, 70, 70), (2_000_000_000, 5_000_000_000, 1_000_000_000), (0, 10, 0), (99, 0, 0),
            (1, 1, 1),
            (1_000_000_000, 1_000_000_000, 1_000_000_000),
        ] as [(UInt64, UInt64, UInt64)])
    func paysTheLeast(fee: UInt64, voucher: UInt64, paid: UInt64) throws {
        let (ledger, payer) = try ledgerWithSession()
        let host = ledger.hosts[1]
        try ledger.advanceToCommit(of: 1)
        let part = SessionClaim(
            session: 1, firstNumber: 1, count: 3, fee: Amount(fee),
            voucher: ledger.voucher(session: 1, executor: host.address, amount: Amount(voucher), by: payer))
        let before = try ledger.balance(of: host.address)
        let claim = ledger.claim(host, round: 1, sessions: [part])
        let accepted = try ledger.run(claim, by: host.operatorAccount, fee: .zero)
        #expect(accepted.code == 0, "\(accepted.log)")
        #expect(try ledger.claim(of: host.address, in: 1)?.state == .committed)
        try ledger.settle(1)

        let tax = paid / 50
        #expect(try ledger.balance(of: host.address) == Amount(before.ngonka + paid - tax))
        #expect(try ledger.supply.pool == Amount(tax))
        let record = try #require(try ledger.claim(of: host.address, in: 1))
        #expect(record.state == .settled)
        #expect(
            record.payments == [
                SessionPayment(session: 1, fee: Amount(fee), received: Amount(paid - tax), tax: Amount(tax))
            ])
        #expect(try ledger.round(1)?.paid == Amount(paid))

        let beforeRefund = try ledger.balance(of: payer.address)
        let closing = try ledger.sign([MsgCloseSession(payer: payer.address, session: 1)], by: payer)
        let burned = UInt64(closing.count) * ledger.parameters.economy.feePerByteNgonka
        #expect(try ledger.block([closing]).transactionResults[0].isAccepted)
        let last = try #require(try ledger.session(1)?.closesAfterRound)
        #expect(last == ledger.servingRound() + 1)
        try ledger.settle(last)
        let session = try #require(try ledger.session(1))
        #expect(session.state == .closed)
        let refund = Self.deposit.ngonka - paid
        #expect(session.refunded == Amount(refund))
        #expect(try ledger.balance(of: payer.address) == Amount(beforeRefund.ngonka - burned + refund))
        #expect(try ledger.supply.deposits == .zero)
    }
}
