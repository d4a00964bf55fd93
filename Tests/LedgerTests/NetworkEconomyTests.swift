import Ledger
import Messages
import Primitives
import ProtocolRules
import TestSupport
import Testing

/// Whole networks on the real ledger: what behaviour earns, epoch by epoch.
@Suite("What a network's epochs pay")
struct NetworkEconomyTests {
    /// Five items of 32 tokens in each of three blocks, and three eighths of the 64 tokens that the serving round beside them has.
    private static let honestWeight: UInt64 = 480 + 24

    @Test("An honest network proves itself in its first epoch, and all of the emission reaches its hosts")
    func paysHonestHosts() throws {
        let network = try SimulatedNetwork(hostCount: 5)
        try network.run(epochs: 2)
        let epoch = try #require(try network.ledger.record(EpochRecord.self, at: StateKey.epoch(1)))
        #expect(epoch.isProven && epoch.hosts == 5 && epoch.weight == 5 * Self.honestWeight)
        // Five equal shares, rounded down.
        #expect(epoch.pooled.ngonka == epoch.emission.ngonka % 5)
        for index in 0..<5 {
            let host = network.host(index)
            let payout = try #require(try network.epochs(of: host).first?.payout)
            #expect(payout.paid == payout.share && payout.confirmedWeight == Self.honestWeight)
            #expect(
                try network.ledger.record(ValidatorRecord.self, at: StateKey.validator(host))?.power == 200_000_000)
        }
        try network.ledger.app.audit()
    }

    /// Works in sprints and never in confirmations.
    private final class SprintOnlyHost: HostBehaviour {
        func itemsPerBlock(of kind: RoundKind) -> UInt64 { kind == .confirmation ? 0 : 5 }
    }

    @Test("Who works for the sprint alone earns in proportion to its presence: nothing")
    func paysPresence() throws {
        let network = try SimulatedNetwork(hostCount: 5) { $0.rounds.confirmationsPerEpoch = 4 }
        network.behave(0, SprintOnlyHost())
        try network.run(epochs: 4)
        let absent = try network.epochs(of: network.host(0)).compactMap(\.payout)
        let present = try network.epochs(of: network.host(1)).compactMap(\.payout)
        #expect(absent.count >= 3 && present.allSatisfy { $0.paid == $0.share })
        // An epoch without a confirmation confirms everybody.
        let confirmed = absent.filter { $0.confirmedPartsPerMillion < 1_000_000 }
        #expect(!confirmed.isEmpty && confirmed.allSatisfy { $0.paid == .zero && $0.confirmedWeight == 0 })
    }

    /// Proves a hundred times what others do.
    private final class FlashGiant: HostBehaviour {
        func itemsPerBlock(of kind: RoundKind) -> UInt64 { 500 }
    }

    @Test("A giant that comes overnight earns at once, and has no third of the power ever")
    func boundsAGiant() throws {
        let network = try SimulatedNetwork(hostCount: 6)
        network.requestsPerRound = 0
        network.behave(0, FlashGiant())
        var before: UInt64 = 166_666_667
        for _ in 0..<3 {
            try network.run(epochs: 1)
            let record = try network.ledger.record(ValidatorRecord.self, at: StateKey.validator(network.host(0)))
            let power = try #require(record).power
            #expect(power <= 300_000_100 && power <= before + 250_000_100)
            before = power
        }
        let payout = try #require(try network.epochs(of: network.host(0)).first?.payout)
        #expect(payout.share.ngonka > EmissionSchedule().emission(after: .zero).ngonka / 10 * 9)
        #expect(before > 290_000_000)
    }

    /// Never gives its secret.
    private final class Withholder: HostBehaviour {
        private let start: UInt64

        init(from height: UInt64) { start = height }

        func reveals(_ choice: BeaconChoice) -> Bool { choice.height < start }
    }

    @Test("Withheld secrets cost emission")
    func chargesSilence() throws {
        let network = try SimulatedNetwork(hostCount: 5)
        network.behave(0, Withholder(from: 11))
        try network.run(epochs: 1)
        let record = try #require(try network.epochs(of: network.host(0)).first)
        let payout = try #require(record.payout)
        #expect(record.drawnBeaconsMissed + record.idleBeaconsMissed > 0)
        #expect(payout.withheld > .zero && payout.paid < payout.share)
        #expect(try payout.paid.adding(payout.withheld) == payout.share)
    }

    /// Audits nothing.
    private final class IdleAuditor: HostBehaviour {
        func word(
            on item: SimulatedItem, of sample: SampleName, honest: AuditResult, stage: AuditStage
        ) -> AuditResult? { nil }
    }

    @Test("Audits not done cost emission")
    func chargesIdleAuditors() throws {
        let network = try SimulatedNetwork(hostCount: 5)
        network.behave(0, IdleAuditor())
        try network.run(epochs: 1)
        let payout = try #require(try network.epochs(of: network.host(0)).first?.payout)
        #expect(payout.undutiful == payout.share && payout.paid == .zero)
    }
}
