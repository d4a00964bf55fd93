import Messages
import Primitives
import ProtocolRules
import TestSupport
import Testing

@testable import Ledger

@Suite("Prices follow use")
struct PriceTests {
    /// A round in which each host served these tokens, of 187 that its weight of 100 proves for 15 blocks.
    private func output(after served: [UInt64]) throws -> UInt64 {
        let scene = try EpochScene()
        try scene.open(3, .serving, at: 1)
        for (host, tokens) in served.enumerated() where tokens > 0 {
            var claim = ClaimRecord(
                host: scene.hosts[host], round: 3, committedHeight: 20,
                entries: [
                    ClaimEntry(model: scene.models[0], root: .zero, count: 1, tokens: tokens, fee: .zero, sessions: [])
                ])
            claim.state = .settled
            claim.outcomes = [
                EntryOutcome(state: .decided, tally: AuditTally(drawn: 4, counted: 4, bad: 0), tokens: tokens)
            ]
            scene.context.write(claim, at: StateKey.claim(round: 3, host: scene.hosts[host]))
        }
        let round = try scene.context.expect(RoundRecord.self, at: StateKey.round(3))
        try Prices.adjust(after: round, in: &scene.context)
        return try ModelsModule.model(scene.models[0], in: scene.context).prices.output
    }

    private static let price = TestLedgerPlan.model("test-model").prices.output

    @Test("An idle round lowers prices by two per cent, a full one raises them by two")
    func movesByTwoPerCent() throws {
        #expect(try output(after: []) == Self.price / 100 * 98)
        #expect(try output(after: [187, 187, 187, 187]) == Self.price / 100 * 102)
    }

    @Test("Half use changes nothing, and neither does one host's fake traffic")
    func followsTheMedian() throws {
        #expect(try output(after: [94, 94, 94, 94]) == Self.price)
        #expect(try output(after: [94, 94, 94, 1_000_000]) == Self.price)
        #expect(try output(after: [1_000_000, 0, 0, 0]) == Self.price / 100 * 98)
    }

    @Test("Every settled serving round moves them, and sessions keep the prices they were opened at")
    func movesWithEveryRound() throws {
        let ledger = try TestLedger()
        ledger.duties = nil
        let session = try #require(
            try ledger.openSession(by: ledger.accounts[0], deposit: Amount(3_000_000_000), expiryEpochs: 9))
        try ledger.settle(1)
        let model = try #require(try ledger.record(ModelRecord.self, at: StateKey.model(ledger.model)))
        #expect(model.prices.output < Self.price)
        #expect(try ledger.session(session.id)?.prices.output == session.prices.output)
    }
}
