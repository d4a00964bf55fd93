import Messages
import Primitives
import ProtocolRules
import TestSupport
import Testing

@testable import Ledger

@Suite("What confirmations leave of weight")
struct EpochConfirmationTests {
    /// A sprint works for 8 blocks and a confirmation for 4: half of 800 confirms all.
    private static func scene(_ hosts: Int = 4) throws -> EpochScene {
        let scene = try EpochScene(weights: Array(repeating: 100, count: hosts)) {
            $0.rounds.confirmationWorkBlocks = 4
        }
        for host in 0..<hosts { try scene.prove(host, 800) }
        try scene.open(7, .confirmation, at: 4)
        try scene.open(8, .confirmation, at: 7)
        return scene
    }

    @Test("Who confirms what it proved keeps it, and a tenth less costs nothing")
    func keepsConfirmedWeight() throws {
        let scene = try Self.scene()
        for (host, tokens) in [400, 400, 400, 360].enumerated() { try scene.confirm(host, UInt64(tokens), in: 7) }
        try scene.close()
        #expect(try (0..<4).map { try scene.weight($0) } == [800, 800, 800, 800])
        #expect(try scene.epoch.medianPartsPerMillion == 1_000_000)
    }

    @Test("A missed confirmation counts nothing in the mean")
    func countsMissesAsNothing() throws {
        let scene = try Self.scene()
        for host in 0..<4 { try scene.confirm(host, 400, in: 7) }
        for host in 0..<3 { try scene.confirm(host, 400, in: 8) }
        try scene.close()
        #expect(try scene.payout(3)?.confirmedPartsPerMillion == 555_555)
        #expect(try scene.weight(3) == 444 && scene.weight(0) == 800)
        #expect(try scene.payout(3)?.share == scene.payout(0)?.share)
        #expect(try scene.payout(3)?.unconfirmed != .zero)
    }

    @Test("A host that rents its power for the sprint alone has no weight")
    func refusesTheAbsent() throws {
        let scene = try Self.scene()
        for host in 0..<3 { try scene.confirm(host, 400, in: 7) }
        try scene.close()
        #expect(try scene.weight(3) == 0 && scene.payout(3)?.paid == .zero)
    }

    @Test("What slows everybody down slows nobody")
    func measuresAgainstTheMedian() throws {
        let scene = try Self.scene()
        for host in 0..<4 { try scene.confirm(host, host == 3 ? 50 : 100, in: 7) }
        try scene.close()
        #expect(try scene.weight(0) == 800 && scene.weight(3) == 444)
        #expect(try scene.epoch.medianPartsPerMillion == 250_000)
    }

    @Test("A confirmation that was not decided leaves the mean")
    func leavesOutTheUndecided() throws {
        let scene = try Self.scene()
        for host in 0..<4 { try scene.confirm(host, 400, in: 7) }
        for host in 0..<4 { try scene.confirm(host, 400, in: 8, isDecided: host != 3) }
        try scene.close()
        #expect(try scene.weight(3) == 800)
    }

    @Test("A confirmation in which nobody proved anything counts for nobody")
    func ignoresASilentMoment() throws {
        let scene = try Self.scene()
        for host in 0..<4 { try scene.confirm(host, 400, in: 7) }
        try scene.confirm(0, 0, in: 8)
        try scene.close()
        #expect(try (0..<4).map { try scene.weight($0) } == [800, 800, 800, 800])
    }

    @Test("One whose settlement reaches into the next epoch counts for nobody")
    func ignoresOneThatStraddles() throws {
        let scene = try Self.scene()
        try scene.open(9, .confirmation, at: 10, settledAt: 61)
        for host in 0..<3 { try scene.confirm(host, 400, in: 9) }
        try scene.close()
        #expect(try scene.weight(3) == 800)
    }

    @Test("All models of the sprint are confirmed together")
    func addsModelsUp() throws {
        let models = [TestLedgerPlan.model("test-model"), TestLedgerPlan.model("two")]
        let scene = try EpochScene(models: models)
        try scene.open(7, .confirmation, at: 4)
        for host in 0..<4 {
            try scene.prove(host, 800)
            try scene.prove(host, 2_400, model: 1)
            try scene.confirm(host, 400, in: 7)
            if host < 3 { try scene.confirm(host, 1_200, in: 7, model: 1) }
        }
        try scene.close()
        // A quarter, ÷ 0.9.
        #expect(try scene.payout(3)?.confirmedPartsPerMillion == 277_777)
        #expect(try scene.weight(3) == 222 && scene.weight(3, model: 1) == 666)
    }
}
