import Messages
import Primitives
import ProtocolRules
import StateStore
import TestSupport
import Testing

@testable import Ledger

@Suite("How an epoch is closed")
struct EpochTransitionTests {
    private static let emission = EpochScene.emission.ngonka

    @Test("Proven tokens become weight, and the emission is shared by it")
    func sharesByWeight() throws {
        let scene = try EpochScene()
        for (host, tokens) in [300, 100, 200, 400].enumerated() { try scene.prove(host, UInt64(tokens)) }
        let before = try scene.balance(0)
        try scene.close()
        #expect(try (0..<4).map { try scene.weight($0) } == [300, 100, 200, 400])
        #expect(try scene.payout(0)?.share == Amount(Self.emission * 3 / 10))
        #expect(try scene.balance(0).subtracting(before) == Amount(Self.emission * 3 / 10))
        let epoch = try scene.epoch
        #expect(epoch.weight == 1_000 && epoch.hosts == 4 && epoch.isProven && epoch.sprint == EpochScene.sprintID)
        #expect(try epoch.paid.adding(epoch.pooled) == epoch.emission)
        #expect(scene.context.supply.minted == EpochScene.emission)
        try BankInvariants.checkSupply(scene.context.supply)
    }

    @Test("An epoch that proves nobody changes nothing, and its emission goes to the pool")
    func changesNothing() throws {
        let scene = try EpochScene(weights: [70, 10, 10, 10])
        let powers = try scene.powers()
        try scene.prove(0, 0)
        try scene.prove(1, 500, isDecided: false)
        let pool = scene.context.supply.pool
        try scene.close()
        #expect(try (0..<4).map { try scene.weight($0) } == [70, 10, 10, 10])
        #expect(try scene.powers() == powers && powers.reduce(0, +) == 1_000_000_000)
        #expect(try scene.epoch.isProven == false && scene.epoch.pooled == EpochScene.emission)
        #expect(try scene.context.supply.pool.subtracting(pool) == EpochScene.emission)
        #expect(try scene.payout(0) == nil)
    }

    @Test("A sprint that too few samples decided keeps the last weight, at most what it claims")
    func keepsUndecidedWeight() throws {
        let scene = try EpochScene(weights: [100, 100, 100, 100])
        try scene.prove(0, 500)
        try scene.prove(1, 0, claimed: 900, isDecided: false)
        try scene.prove(2, 0, claimed: 40, isDecided: false)
        try scene.close()
        #expect(try (0..<4).map { try scene.weight($0) } == [500, 100, 40, 0])
    }

    @Test("A newcomer earns at once and votes an epoch later")
    func votesAnEpochLater() throws {
        let scene = try EpochScene(weights: [100, 100, 100, 100, 0])
        for host in 0..<5 { try scene.prove(host, 100) }
        try scene.close()
        #expect(try scene.payout(4)?.paid == Amount(Self.emission / 5))
        #expect(try scene.powers() == [250_000_000, 250_000_000, 250_000_000, 250_000_000, 0])
    }

    @Test("Power moves by at most a quarter of the whole")
    func movesPowerSlowly() throws {
        let scene = try EpochScene(weights: [1, 1, 1, 1, 1_000, 1_000, 1_000, 1_000])
        for host in 0..<4 { try scene.prove(host, 1) }
        try scene.close()
        let powers = try scene.powers()
        #expect((250_990_000...251_010_000).contains(powers[0..<4].reduce(0, +)))
        #expect(powers.reduce(0, +) == 1_000_000_000)
    }

    @Test("A convicted host is paid nothing, keeps no weight, and nobody gains by it")
    func paysNothingToTheConvicted() throws {
        let scene = try EpochScene()
        for host in 0..<4 { try scene.prove(host, 100) }
        try Conviction.convict(scene.hosts[1], in: &scene.context)
        try scene.note(1) { $0.isConvicted = true }
        try scene.close()
        #expect(try scene.payout(1)?.paid == .zero)
        #expect(try scene.payout(1)?.convicted == Amount(Self.emission / 4))
        #expect(try scene.payout(0)?.paid == Amount(Self.emission / 4))
        #expect(try scene.weight(1) == 0 && scene.powers()[1] == 0)
    }

    @Test("Duties, misses and withheld reveals are taken off one after the other, and noted")
    func notesDeductions() throws {
        let scene = try EpochScene()
        try scene.prove(0, 100)
        try scene.note(0) {
            ($0.duties, $0.dutiesDone) = (100, 45)
            ($0.requestsServed, $0.requestsMissed) = (50, 50)
            $0.drawnBeaconsMissed = 1
        }
        try scene.close()
        let payout = try #require(try scene.payout(0))
        #expect(payout.share == EpochScene.emission && payout.unconfirmed == .zero)
        #expect(payout.undutiful == Amount(Self.emission / 2))
        let afterDuty = Self.emission - Self.emission / 2
        #expect(payout.missed == Amount(afterDuty - afterDuty * 55 / 100))
        #expect(payout.withheld.ngonka > 0)
        #expect(try scene.epoch.pooled == payout.share.subtracting(payout.paid))
    }

    @Test("After the grace period a fifth of weight counts freely, and collateral secures the rest")
    func asksForCollateral() throws {
        let scene = try EpochScene { parameters in
            parameters.economy.collateralGraceEpochs = 0
            parameters.economy.collateralPerWeightNgonka = 10
        }
        for host in 0..<3 { try scene.prove(host, 1_000) }
        try scene.deposit(300 * 10, by: 1)
        try scene.deposit(5_000 * 10, by: 2)
        try scene.close()
        #expect(try (0..<3).map { try scene.weight($0) } == [200, 500, 1_000])
        #expect(try scene.epoch.weight == 1_700)
    }

    @Test("Within the grace period weight needs none")
    func waivesCollateral() throws {
        let scene = try EpochScene { parameters in
            parameters.economy.collateralGraceEpochs = 1
            parameters.economy.collateralPerWeightNgonka = 10
        }
        try scene.prove(0, 1_000)
        try scene.close()
        #expect(try scene.weight(0) == 1_000)
    }

    @Test("A host without the model on its list is paid for its sprint, and has no weight for it")
    func paysTheRetiring() throws {
        let scene = try EpochScene()
        for host in 0..<4 { try scene.prove(host, 100) }
        let host = try #require(try HostsReads.host(scene.hosts[3], in: scene.context))
        HostsWrites.unlist(host, from: host.models, in: &scene.context)
        scene.context.state.delete(StateKey.validator(host.address))
        try scene.close()
        #expect(try scene.payout(3)?.paid == Amount(Self.emission / 4))
        #expect(try scene.weight(3) == 0 && scene.powers()[3] == 0)
    }
}

extension EpochScene {
    /// Puts down collateral as its message would.
    func deposit(_ ngonka: UInt64, by host: Int) throws {
        try DepositCollateralHandler.apply(
            MsgDepositCollateral(host: hosts[host], amount: Amount(ngonka)), in: &context)
    }
}
