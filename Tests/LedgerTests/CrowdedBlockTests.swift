import Cryptography
import Messages
import OrderingAPI
import Primitives
import ProtocolRules
import StateStore
import TestSupport
import Testing

@testable import Ledger

/// Cheap orders in great number must not hold up anybody else's.
@Suite("Blocks full of openings and moves")
struct CrowdedBlockTests {
    private static func opening(
        _ ledger: TestLedger, by payer: TestAccount, allowing hosts: [Address] = []
    ) -> MsgOpenSession {
        MsgOpenSession(
            payer: payer.address, model: ledger.model, deposit: Amount(10_000_000),
            sessionKey: payer.key.publicKey.compressed, allowedHosts: hosts)
    }

    /// Transactions that open `count` sessions, 16 in each.
    private static func openings(
        _ count: Int, in ledger: TestLedger, allowing hosts: [Address] = []
    ) throws -> [Bytes] {
        let message = opening(ledger, by: ledger.accounts[0], allowing: hosts)
        return try (0..<count / 16).map { _ in
            try ledger.sign(Array(repeating: message, count: 16), by: ledger.accounts[0])
        }
    }

    @Test(
        "Among 304 sessions a block that somebody else opens, everybody's is drawn in the next, with the hash of its own",
        arguments: [true, false])
    func drawsInTheNextBlock(crowdFindsHosts: Bool) throws {
        var plan = TestLedgerPlan()
        plan.hostCount = 7
        let ledger = try TestLedger(plan)
        ledger.audits = false
        let crowdsHosts = [crowdFindsHosts ? ledger.hosts[0].address : TestAccount("no host").address]
        let entries = DrawEntries(ledger.hosts.map { DrawEntry(address: $0.address, weight: 100) })
        for _ in 0..<10 {
            let crowd = try Self.openings(304, in: ledger, allowing: crowdsHosts)
            let honest = try ledger.sign(
                [Self.opening(ledger, by: ledger.accounts[1])], by: ledger.accounts[1])
            let results = try ledger.block(crowd + [honest]).transactionResults
            #expect(results.last?.isAccepted == true)
            #expect(results.dropLast().allSatisfy { $0.isAccepted == crowdFindsHosts })
            let (id, parent) = (try ledger.lastSessionID(), try #require(ledger.blocks.last?.hash))
            try ledger.app.audit()
            try ledger.block()
            let session = try #require(try ledger.session(id))
            #expect(session.payer == ledger.accounts[1].address)
            #expect(session.state == .open)
            #expect(session.members == Draw.group(session: id).pick(3, from: entries, seed: parent))
        }
        try ledger.app.audit()
    }

    @Test("A block opens as many sessions as the next one draws; the rest is refused whole and may come again")
    func boundsOpenings() throws {
        let ledger = try TestLedger()
        ledger.audits = false
        let most = Ledger.Limits.sessionsPerBlockMax
        let results = try ledger.block(Self.openings(most - 16, in: ledger) + Self.tooMany(ledger)).transactionResults
        #expect(results.dropLast(2).allSatisfy { $0.isAccepted })
        #expect(results.suffix(2).map(\.refusal) == [Refusal("sessions", 15), nil])
        #expect(try ledger.lastSessionID() == UInt64(most))
        #expect(try ledger.supply.deposits == Amount(10_000_000 * UInt64(most)))
        try ledger.app.audit()
        try ledger.block(Self.openings(16, in: ledger))
        #expect(try ledger.lastSessionID() == UInt64(most) + 16)
        for id in 1...UInt64(most) { #expect(try ledger.session(id)?.state == .open) }
        try ledger.app.audit()
    }

    /// One opening and 16 more in a transaction, after which 16 alone still fit.
    private static func tooMany(_ ledger: TestLedger) throws -> [Bytes] {
        let other = ledger.accounts[1]
        let message = opening(ledger, by: ledger.accounts[0])
        let one = try ledger.sign([opening(ledger, by: other)], by: other)
        let full = try ledger.sign(Array(repeating: message, count: 16), by: ledger.accounts[0])
        let rest = try ledger.sign(Array(repeating: message, count: 15), by: ledger.accounts[0])
        return [one, full, rest]
    }

    /// A block in which two moves less than the most are ordered, on top of session 1.
    private static func crowdedContext(_ ledger: TestLedger) throws -> ExecutionContext {
        try #require(try ledger.openSession(by: ledger.accounts[0], deposit: Amount(3_000_000_000)) != nil)
        var context = try ExecutionContext.next(
            over: ledger.app.state, height: ledger.height + 1, hash: .zero, parentHash: .zero)
        context.orders.allotmentMoves = Ledger.Limits.allotmentMovesPerBlockMax - 2
        return context
    }

    @Test("A block orders as many moves as one delivers; what is refused is not counted")
    func boundsMoves() throws {
        let ledger = try TestLedger()
        var context = try Self.crowdedContext(ledger)
        let hosts = ledger.hosts.map(\.address)
        func topUp(_ pairs: [(Int, Int)]) -> MsgTopUpSession {
            let moves = pairs.map { AllotmentMove(from: hosts[$0.0], to: hosts[$0.1], amount: Amount(1)) }
            return MsgTopUpSession(payer: ledger.accounts[0].address, session: 1, amount: .zero, moves: moves)
        }
        let full = SessionsRejection.blockIsFull(
            of: "moves of allotment", maximum: Ledger.Limits.allotmentMovesPerBlockMax
        ).error
        for pairs in [[(0, 1), (1, 2), (2, 0)], [(0, 1), (0, 1)]] {
            let expected = pairs.count == 3 ? full : SessionsRejection.moveAlreadyOrdered.error
            #expect(throws: expected) {
                try context.scope { (context) throws(LedgerError) in
                    try TopUpSessionHandler.apply(topUp(pairs), in: &context)
                }
            }
        }
        try TopUpSessionHandler.apply(topUp([(0, 1), (1, 2)]), in: &context)
        #expect(throws: full) { try TopUpSessionHandler.apply(topUp([(2, 0)]), in: &context) }
    }

    @Test("A session whose draw was undone is refunded at its expiry, and no later draw opens it")
    func expiresUndrawn() throws {
        let ledger = try TestLedger()
        let payer = ledger.accounts[0]
        #expect(try ledger.run(Self.opening(ledger, by: payer), by: payer).isAccepted)
        let opened = try #require(try ledger.session(1))
        var context = try ExecutionContext.next(
            over: ledger.app.state, height: opened.expiryHeight, hash: .zero, parentHash: .zero)
        context.state.delete(SessionsKeys.pendingGroup(1))
        try SessionsModule.beginBlock(in: &context)
        #expect(try SessionsReads.session(1, in: context).state == .drawing)
        try SessionsModule.endBlock(in: &context)
        let session = try SessionsReads.session(1, in: context)
        #expect(session.state == .closed)
        #expect(session.members.isEmpty)
        #expect(session.refunded == Amount(10_000_000))
        #expect(context.supply.deposits == .zero)
        try SessionsInvariants.recount(in: context)
        try SessionsModule.beginBlock(in: &context)
        #expect(try SessionsReads.session(1, in: context) == session)
    }
}
