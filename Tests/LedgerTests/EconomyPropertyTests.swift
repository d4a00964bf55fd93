import Messages
import Primitives
import ProtocolRules
import StateStore
import TestSupport
import Testing

@testable import Ledger

@Suite("Whatever hosts did in an epoch")
struct EconomyPropertyTests {
    private static let models: [ModelRecord] = {
        var unanchored = TestLedgerPlan.model("zz-new-model")
        unanchored.isAnchored = false
        return [TestLedgerPlan.model("test-model"), unanchored]
    }()

    /// An epoch in which every host does something else.
    private func scene(_ seed: UInt64) throws -> EpochScene {
        var random = SplitMix64(seed: seed)
        let weights = (0..<Int(2 + random.next() % 9)).map { _ in random.next() >> (40 + random.next() % 24) }
        let scene = try EpochScene(weights: weights, models: Self.models) { parameters in
            parameters.economy.vestingEpochs = seed % 3
            parameters.economy.collateralGraceEpochs = seed % 2
        }
        try scene.open(7, .confirmation, at: 4)
        for host in weights.indices {
            for model in 0..<2 where random.next() % 4 > 0 {
                let tokens = random.next() >> (20 + random.next() % 44)
                try scene.prove(host, tokens, model: model, isDecided: random.next() % 4 > 0)
                if random.next() % 4 > 0 {
                    try scene.confirm(
                        host, tokens / (1 + random.next() % 4), in: 7, model: model, isDecided: random.next() % 5 > 0)
                }
            }
            try scene.note(host) {
                ($0.duties, $0.dutiesDone) = (random.next() % 9, random.next() % 9)
                $0.requestsServed = random.next() % 9
                ($0.drawnBeaconsMissed, $0.idleBeaconsMissed) = (random.next() % 2, random.next() % 2)
                $0.isConvicted = random.next() % 9 == 0
            }
            if random.next() % 2 == 0 { try scene.deposit(1 + random.next() % 1_000_000_000_000, by: host) }
        }
        scene.audit("zz-new-model", by: Array(weights.indices.prefix(Int(random.next() % 5))))
        return scene
    }

    @Test("No coin is made or lost, nobody has too much power, and the same is decided again", arguments: 0..<40)
    func keepsItsSums(_ seed: Int) throws {
        let scene = try scene(UInt64(seed))
        let powers = try scene.powers()
        try scene.close()
        let context = scene.context
        try BankInvariants.checkSupply(context.supply)
        try BankInvariants.recount(in: context)
        try EconomyInvariants.recount(in: context)
        let epoch = try scene.epoch
        #expect(try epoch.paid.adding(epoch.pooled) == EpochScene.emission)
        let now = try scene.powers()
        #expect(epoch.isProven || now == powers)
        let gained = zip(now, powers).reduce(UInt64(0)) { $0 + ($1.0 > $1.1 ? $1.0 - $1.1 : 0) }
        #expect(gained <= VotingPowerRules.total / 4 + 200)
        let again = try self.scene(UInt64(seed))
        try again.close()
        #expect(try again.epoch == epoch)
        #expect(again.context.state.finish().tree.root == context.state.finish().tree.root)
    }
}
