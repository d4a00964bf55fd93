import Cryptography
import Messages
import OrderingAPI
import Primitives
import ProtocolRules
import StateStore
import TestSupport
import Testing
import WireFormat

@testable import Ledger

/// Rounds overlap: while one settles, two later ones take claims. What is closed when the first has settled must not pay the
/// others.
@Suite("Claims while sessions close and hosts leave")
struct ClosingTests {
    private func part(_ ledger: TestLedger, _ host: TestHost, _ session: UInt64, first: UInt64 = 1) -> SessionClaim {
        SessionClaim(
            session: session, firstNumber: first, count: 1, fee: Amount(500),
            voucher: ledger.voucher(
                session: session, executor: host.address, amount: Amount(2_000), by: ledger.accounts[0]))
    }

    private func commit(_ ledger: TestLedger, _ host: TestHost, round: UInt64, first: UInt64 = 1) throws -> Refusal? {
        try ledger.advanceToCommit(of: round)
        let claim = ledger.claim(host, round: round, sessions: [part(ledger, host, 1, first: first)])
        return try ledger.run(claim, by: host.operatorAccount, fee: .zero).refusal
    }

    @Test("A closing session pays claims of this round and the next, and takes none of later ones")
    func paysTwoRounds() throws {
        let ledger = try TestLedger()
        let payer = ledger.accounts[0]
        let (first, second, third) = (ledger.hosts[0], ledger.hosts[1], ledger.hosts[2])
        // Somebody else's deposit lies in the same purse.
        for account in [payer, ledger.accounts[1]] {
            try #require(try ledger.openSession(by: account, deposit: Amount(3_000_000_000)) != nil)
        }
        ledger.audits = false
        try ledger.advance(to: 5)
        #expect(try ledger.run(MsgCloseSession(payer: payer.address, session: 1), by: payer).isAccepted)
        #expect(try ledger.session(1)?.closesAfterRound == 2)
        #expect(try commit(ledger, first, round: 1) == nil)
        #expect(try commit(ledger, second, round: 2) == nil)
        #expect(try commit(ledger, third, round: 3) == Refusal("sessions", 14))
        #expect(try ledger.session(1)?.state == .closing)
        try ledger.settle(4)
        let session = try #require(try ledger.session(1))
        #expect(session.state == .closed)
        #expect(session.paid == Amount(1_000))
        #expect(session.refunded == Amount(3_000_000_000 - 1_000))
        #expect(try ledger.supply.deposits == Amount(3_000_000_000))
        try ledger.app.audit()
    }

    @Test("A retiring host claims this round and the next, and is gone after them")
    func retires() throws {
        let ledger = try TestLedger()
        let (payer, host) = (ledger.accounts[0], ledger.hosts[0])
        try #require(try ledger.openSession(by: payer, deposit: Amount(3_000_000_000)) != nil)
        ledger.audits = false
        #expect(try ledger.run(MsgRetireHost(host: host.address), by: host.account).isAccepted)
        #expect(try commit(ledger, host, round: 1) == nil)
        #expect(try commit(ledger, host, round: 2, first: 2) == nil)
        #expect(try commit(ledger, host, round: 3, first: 3) == Refusal("rounds", 6))
        try ledger.settle(2)
        #expect(try ledger.record(HostRecord.self, at: StateKey.host(host.address))?.state == .retired)
        #expect(try ledger.member(host.address, of: 1)?.settledFees == Amount(1_000))
        #expect(try commit(ledger, host, round: ledger.servingRound(), first: 3) == Refusal("sdk", 13))
        try ledger.app.audit()
    }

    @Test("A claim that cannot be paid is parked whole and stops nothing")
    func parks() throws {
        let ledger = try TestLedger()
        let payer = ledger.accounts[0]
        for _ in 0..<2 { try #require(try ledger.openSession(by: payer, deposit: Amount(3_000_000_000)) != nil) }
        ledger.audits = false
        for host in ledger.hosts.prefix(2) {
            try ledger.advanceToCommit(of: 1)
            let parts = [part(ledger, host, 1), part(ledger, host, 2)]
            let claim = ledger.claim(host, round: 1, sessions: parts)
            #expect(try ledger.run(claim, by: host.operatorAccount, fee: .zero).isAccepted)
        }
        let settle = try #require(try ledger.round(1)?.timetable.settleHeight)
        try ledger.advance(to: settle - 1)

        // No transaction leads there: the second session is put into a state in which it cannot pay.
        var context = try ExecutionContext.next(
            over: ledger.app.state, height: settle, hash: .zero, parentHash: .zero)
        var session = try context.expect(SessionRecord.self, at: StateKey.session(2))
        session.state = .closed
        context.write(session, at: StateKey.session(2))
        let before = context.supply
        try RoundsModule.beginBlock(in: &context)
        try RoundsModule.endBlock(in: &context)
        #expect(context.events.map(\.type).filter { $0 == "claim_parked" }.count == 2)
        #expect(context.supply == before)
        let round = try RoundsReads.round(ledger.roundID(1), in: context)
        #expect(round.isSettled)
        #expect(round.settledClaims == 2)
        #expect(round.paid == .zero)
        for host in ledger.hosts.prefix(2) {
            let claim = try context.expect(
                ClaimRecord.self, at: StateKey.claim(round: ledger.roundID(1), host: host.address))
            #expect(claim.state == .parked)
            #expect(claim.payments.isEmpty)
        }
    }

    @Test("A step of a block that fails is undone and announced, and the block goes on")
    func containsSteps() throws {
        let ledger = try TestLedger()
        var context = try ExecutionContext.next(over: ledger.app.state, height: 1, hash: .zero, parentHash: .zero)
        let supply = context.supply
        try context.contain("step of a test") { (context) throws(LedgerError) in
            context.supply.pool = Amount(1)
            context.state.write([1], for: [9, 9])
            context.emit("never_seen")
            throw CommonRejection.arithmetic(.overflow).error
        }
        #expect(context.supply == supply)
        #expect(context.state.value(for: [9, 9]) == nil)
        #expect(context.events.map(\.type) == ["step_failed"])
        #expect(throws: LedgerError.broken("x")) {
            try context.contain("y") { (_) throws(LedgerError) in throw .broken("x") }
        }
    }

    @Test("More claims than a block settles wait for the next, in the order of the queue")
    func boundsSettlement() throws {
        var plan = TestLedgerPlan()
        plan.hostCount = 5
        plan.parameters.rounds.settlementClaimsPerBlock = 2
        plan.parameters.rounds.commitBlocks = 6
        let ledger = try TestLedger(plan)
        try #require(
            try ledger.openSession(by: ledger.accounts[0], deposit: Amount(3_000_000_000), groupSize: 5) != nil)
        ledger.audits = false
        for host in ledger.hosts { #expect(try commit(ledger, host, round: 1) == nil) }
        let settle = try #require(try ledger.round(1)?.timetable.settleHeight)
        try ledger.advance(to: settle - 1)
        var order: [Address] = []
        for expected in [2, 4, 5] as [UInt64] {
            let result = try ledger.block()
            #expect(try ledger.round(1)?.settledClaims == expected)
            for event in result.events where event.type == "claim_settled" {
                order.append(
                    try #require(ledger.hosts.first { $0.address.bech32 == event.attributes[1].value }).address)
            }
        }
        #expect(try ledger.round(1)?.isSettled == true)
        let key = { (host: Address) in Hash32.sha256(host.bytes + .bigEndian(ledger.roundID(1))) }
        #expect(order == ledger.hosts.map(\.address).sorted { key($0) < key($1) })
        try ledger.app.audit()
    }
}
