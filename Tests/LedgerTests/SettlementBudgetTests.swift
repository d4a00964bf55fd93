import Cryptography
import Messages
import OrderingAPI
import Primitives
import ProtocolRules
import StateStore
import TestSupport
import Testing

@testable import Ledger

@Suite("How much a block settles")
struct SettlementBudgetTests {
    private static let sessions: UInt64 = 8

    /// A block at the settle height of round 1, before it settles: six hosts have claimed in it, in the order of the queue 8, 8,
    /// 1, 8, 8 and 8 sessions.
    private static func scene() throws -> (context: ExecutionContext, queue: [Address]) {
        var plan = TestLedgerPlan()
        plan.hostCount = 6
        let ledger = try TestLedger(plan)
        ledger.audits = false
        let payer = ledger.accounts[0]
        let opening = MsgOpenSession(
            payer: payer.address, model: ledger.model, deposit: Amount(6_000_000_000),
            sessionKey: payer.key.publicKey.compressed, groupSize: 6)
        try ledger.block([ledger.sign(Array(repeating: opening, count: Int(sessions)), by: payer)])
        try ledger.advanceToCommit(of: 1)
        let hosts = ledger.hosts.sorted {
            Hash32.sha256($0.address.bytes + .bigEndian(2)) < Hash32.sha256($1.address.bytes + .bigEndian(2))
        }
        let claims = try hosts.enumerated().map { index, host in
            let parts = (1...(index == 2 ? 1 : sessions)).map { id in
                SessionClaim(
                    session: id, firstNumber: 1, count: 1, fee: Amount(1_000 * id + UInt64(index)),
                    voucher: ledger.voucher(
                        session: id, executor: host.address, amount: Amount(7_000), by: payer))
            }
            return try ledger.sign(
                [ledger.claim(host, round: 1, sessions: parts)], by: host.operatorAccount, fee: .zero)
        }
        #expect(try ledger.block(claims).transactionResults.allSatisfy { $0.isAccepted })
        let settle = try #require(try ledger.round(1)?.timetable.settleHeight)
        try ledger.advance(to: settle - 1)
        let context = try ExecutionContext.next(
            over: ledger.app.state, height: settle, hash: .zero, parentHash: .zero)
        return (context, hosts.map(\.address))
    }

    @Test(
        "Claims wait where their payments do not fit, in their order, and are paid what they would be paid at once",
        arguments: [
            (47, [6]), (46, [5, 1]), (20, [3, 2, 1]), (19, [2, 2, 2]), (18, [2, 2, 2]), (11, [1, 2, 1, 1, 1]),
            (9, [1, 1, 1, 1, 1, 1]),
        ] as [(Int, [Int])])
    func staysWithin(budget: Int, blocks: [Int]) throws {
        var (context, queue) = try Self.scene()
        for (index, expected) in blocks.enumerated() {
            let before = context.events.count
            try RoundsModule.settleDue(in: &context, paymentsMax: budget)
            let settled = context.events[before...].filter { $0.type == "claim_settled" }.map { $0.attributes[1].value }
            #expect(settled == queue.prefix(expected).map(\.bech32))
            queue.removeFirst(settled.count)
            #expect(try RoundsReads.round(2, in: context).isSettled == (index == blocks.count - 1))
            try RoundsInvariants.recount(in: context)
        }
        var (whole, _) = try Self.scene()
        try RoundsModule.settleDue(in: &whole, paymentsMax: .max)
        #expect(context.supply == whole.supply)
        #expect(context.state.changes() == whole.state.changes())
    }

    @Test("Any claim that can be committed fits into a block")
    func fitsEveryClaim() throws {
        let parameter = try #require(ProtocolParameter.all.first { $0.name == "rounds.sessions_per_claim_max" })
        #expect(parameter.bounds.upperBound < UInt64(Ledger.Limits.settlementPaymentsPerBlockMax))
    }
}
