import Messages
import OrderingAPI
import Primitives
import ProtocolRules
import StateStore
import TestSupport
import Testing

@testable import Ledger

@Suite("Top-ups and moves of allotment")
struct TopUpTests {
    /// Session 1 with 1 000 000 000 for each of three hosts.
    private func scene(depositMin: UInt64 = 1) throws -> (ledger: TestLedger, payer: TestAccount) {
        var plan = TestLedgerPlan()
        plan.parameters.sessions.depositMinNgonka = depositMin
        let ledger = try TestLedger(plan)
        try #require(try ledger.openSession(by: ledger.accounts[0], deposit: Amount(3_000_000_000)) != nil)
        return (ledger, ledger.accounts[0])
    }

    private func topUp(_ ledger: TestLedger, _ amount: UInt64, _ moves: [AllotmentMove] = []) throws -> Refusal? {
        let payer = ledger.accounts[0]
        let message = MsgTopUpSession(payer: payer.address, session: 1, amount: Amount(amount), moves: moves)
        return try ledger.run(message, by: payer).refusal
    }

    @Test(
        "An added amount is shared equally at once; what cannot be shared stays with the session",
        arguments: [(30, 10), (31, 10), (2, 0), (1_000_000_000, 333_333_333)] as [(UInt64, UInt64)])
    func shares(added: UInt64, share: UInt64) throws {
        let (ledger, _) = try scene()
        #expect(try topUp(ledger, added) == nil)
        #expect(try ledger.session(1)?.deposit == Amount(3_000_000_000 + added))
        for host in ledger.hosts {
            #expect(try ledger.member(host.address, of: 1)?.allotment == Amount(1_000_000_000 + share))
        }
    }

    @Test("Nothing is added below the smallest deposit; moves alone need no amount")
    func needsMinimum() throws {
        let (ledger, _) = try scene(depositMin: 10_000_000)
        let move = AllotmentMove(from: ledger.hosts[0].address, to: ledger.hosts[1].address, amount: Amount(1))
        #expect(try topUp(ledger, 1) == Refusal("sessions", 1))
        #expect(try topUp(ledger, 9_999_999, [move]) == Refusal("sessions", 1))
        #expect(try ledger.member(move.from, of: 1)?.leaving == .zero)
        #expect(try topUp(ledger, 0, [move]) == nil)
        #expect(try topUp(ledger, 10_000_000) == nil)
        #expect(try ledger.session(1)?.deposit == Amount(3_010_000_000))
    }

    @Test("Members get a new record only where they get a share or give something", arguments: [0, 2, 3] as [UInt64])
    func writesWhatChanges(amount: UInt64) throws {
        let (ledger, payer) = try scene()
        let hosts = ledger.hosts.map(\.address)
        var context = try ExecutionContext.next(
            over: ledger.app.state, height: ledger.height + 1, hash: .zero, parentHash: .zero)
        let move = AllotmentMove(from: hosts[0], to: hosts[1], amount: Amount(1))
        try TopUpSessionHandler.apply(
            MsgTopUpSession(payer: payer.address, session: 1, amount: Amount(amount), moves: [move]), in: &context)
        let written = Set(context.state.changes().map(\.key))
        let members = hosts.filter { written.contains(StateKey.member(session: 1, host: $0)) }
        #expect(members == (amount == 3 ? hosts : [hosts[0]]))
        #expect(written.contains(StateKey.session(1)) == (amount > 0))
    }

    @Test("A block tops up as many sessions as it opens, and takes moves alone beyond that")
    func boundsTopUps() throws {
        let (ledger, payer) = try scene()
        var context = try ExecutionContext.next(
            over: ledger.app.state, height: ledger.height + 1, hash: .zero, parentHash: .zero)
        context.orders.topUps = Ledger.Limits.sessionsPerBlockMax - 1
        var message = MsgTopUpSession(payer: payer.address, session: 1, amount: Amount(30))
        try TopUpSessionHandler.apply(message, in: &context)
        let full = SessionsRejection.blockIsFull(
            of: "top-ups of sessions", maximum: Ledger.Limits.sessionsPerBlockMax)
        #expect(throws: full.error) { try TopUpSessionHandler.apply(message, in: &context) }
        message.amount = .zero
        message.moves = [
            AllotmentMove(from: ledger.hosts[0].address, to: ledger.hosts[1].address, amount: Amount(1))
        ]
        try TopUpSessionHandler.apply(message, in: &context)
    }

    @Test("What is no top-up is refused whole")
    func refuses() throws {
        let (ledger, _) = try scene()
        let (one, two) = (ledger.hosts[0].address, ledger.hosts[1].address)
        let stranger = TestAccount("stranger").address
        func move(_ from: Address, _ to: Address, _ amount: UInt64 = 1) -> AllotmentMove {
            AllotmentMove(from: from, to: to, amount: Amount(amount))
        }
        let cases: [(UInt64, [AllotmentMove], Refusal)] = [
            (0, [], Refusal("sessions", 8)),
            (1, [move(one, one)], Refusal("sessions", 9)),
            (1, [move(one, two, 0)], Refusal("sessions", 9)),
            (1, Array(repeating: move(one, two), count: 65), Refusal("sessions", 9)),
            (1, [move(one, two), move(one, two)], Refusal("sessions", 10)),
            (1, [move(one, stranger)], Refusal("sessions", 11)),
            (1, [move(stranger, one)], Refusal("sessions", 11)),
            (.max, [], Refusal("sdk", 5)),
            (1, [move(one, two, .max), move(one, ledger.hosts[2].address)], Refusal("ledger", 1)),
        ]
        let before = try ledger.supply.deposits
        for (amount, moves, refusal) in cases {
            #expect(try topUp(ledger, amount, moves) == refusal)
            #expect(try ledger.member(one, of: 1) == MemberRecord(host: one, allotment: Amount(1_000_000_000)))
        }
        #expect(try ledger.supply.deposits == before)
    }

    @Test("A move is announced at once and arrives with what is unspent when the round after has settled")
    func moves() throws {
        let (ledger, payer) = try scene()
        ledger.audits = false
        let (giver, taker) = (ledger.hosts[0], ledger.hosts[1].address)
        let move = AllotmentMove(from: giver.address, to: taker, amount: Amount(900_000_000))
        let round = ledger.servingRound()
        #expect(try topUp(ledger, 0, [move]) == nil)
        var member = MemberRecord(host: giver.address, allotment: Amount(1_000_000_000))
        member.leaving = Amount(900_000_000)
        #expect(try ledger.member(giver.address, of: 1) == member)
        #expect(try topUp(ledger, 0, [move]) == Refusal("sessions", 10))

        // 600 000 000 were served before the order and are claimed in this round: those do not move.
        try ledger.advanceToCommit(of: round)
        let part = SessionClaim(
            session: 1, firstNumber: 1, count: 1, fee: Amount(600_000_000),
            voucher: ledger.voucher(
                session: 1, executor: giver.address, amount: Amount(600_000_000), by: payer))
        let claim = ledger.claim(giver, round: round, sessions: [part])
        #expect(try ledger.run(claim, by: giver.operatorAccount, fee: .zero).isAccepted)
        try ledger.settle(round)
        #expect(try ledger.member(giver.address, of: 1)?.settledFees == Amount(600_000_000))
        try ledger.settle(round + 1)
        let left = try #require(try ledger.member(giver.address, of: 1))
        #expect(left.allotment == Amount(600_000_000))
        #expect(left.leaving == .zero)
        #expect(try ledger.member(taker, of: 1)?.allotment == Amount(1_400_000_000))
        try ledger.app.audit()
    }

    @Test("A session may close while allotment is on its way")
    func closesWhileMoving() throws {
        let (ledger, payer) = try scene()
        ledger.audits = false
        let move = AllotmentMove(
            from: ledger.hosts[0].address, to: ledger.hosts[1].address, amount: Amount(1_000_000_000))
        #expect(try topUp(ledger, 5, [move]) == nil)
        #expect(try ledger.run(MsgCloseSession(payer: payer.address, session: 1), by: payer).isAccepted)
        try ledger.settle(try #require(try ledger.session(1)?.closesAfterRound))
        #expect(try ledger.session(1)?.refunded == Amount(3_000_000_005))
        #expect(try ledger.member(ledger.hosts[0].address, of: 1)?.allotment == Amount(1))
        try ledger.app.audit()
    }
}
