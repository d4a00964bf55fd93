import Cryptography
import Messages
import Primitives
import ProtocolRules
import TestSupport
import Testing

@Suite("Adversaries in sprints, confirmations and the beacon")
struct SprintAdversaryTests {
    @Test("Items made before the sprint from a hoped-for seed do not open and prove nothing")
    func precomputed() throws {
        try expectUnopened { _ in Precomputer(hoped: .sha256(utf8: "a seed that somebody hoped for")) }
    }

    @Test("Another host's items do not open and prove nothing")
    func copied() throws {
        try expectUnopened { ItemCopier(of: $0.host(1)) }
    }

    private func expectUnopened(_ make: (SimulatedNetwork) -> any HostBehaviour) throws {
        let network = try SimulatedNetwork(hostCount: 8)
        network.behave(0, make(network))
        var refused = 0
        while network.ledger.height < 80 {
            try network.step()
            refused += network.ledger.dutyResults.count { $0.refusal == Refusal("rounds", 18) }
        }
        // One for each sprint and confirmation whose items it tried to open.
        #expect(refused >= 2)
        let (cheat, honest) = (try network.earnings(of: 0), try network.honest)
        #expect(cheat.sprintTokens == 0 && cheat.confirmationTokens == 0)
        #expect(honest.sprintTokens > 0 && honest.confirmationTokens > 0)
        // What it serves honestly is paid like everybody's.
        #expect(cheat.received == honest.received)
        // The victim loses nothing.
        #expect(try network.earnings(of: 1).sprintTokens == honest.sprintTokens)
        try network.expectNoHarm(except: 0..<1)
    }

    @Test("Whoever has its machines for the sprint alone proves nothing in confirmations, which nobody can foresee")
    func sprintOnly() throws {
        let network = try AdversaryScene.sprintOnly.run(hosts: 8, epochs: 4)
        let (cheat, honest) = (try network.earnings(of: 0), try network.honest)
        #expect(cheat.sprintTokens == honest.sprintTokens)
        #expect(cheat.confirmationTokens == 0 && honest.confirmationTokens > 0)
        #expect(cheat.received == 0)
        // Paid in full where no confirmation was drawn, and nothing elsewhere.
        let payouts = try network.epochs(of: network.host(0)).compactMap(\.payout)
        #expect(payouts.contains { $0.paid == .zero && $0.unconfirmed == $0.share })
        #expect(cheat.emission < honest.emission)
        try network.expectNoHarm(except: 0..<1)
    }

    /// It sees both seeds before it speaks, as the last one does. The same cheat without a choice is the measure.
    @Test("A validator that keeps its secret chooses between two seeds, pays for each, and still loses by cheating")
    func withholding() throws { try withholding(badPercent: 20, epochs: 4) }

    private func withholding(badPercent: UInt64, epochs: UInt64) throws {
        let network = try SimulatedNetwork(hostCount: 8)
        let validator = WithholdingValidator(network, host: network.host(0), badPercent: badPercent, seed: 1)
        network.behave(0, validator)
        try network.run(epochs: epochs)
        let (cheat, honest) = (try network.earnings(of: 0), try network.honest)
        let missed = try network.epochs(of: network.host(0)).reduce(0) { $0 + $1.drawnBeaconsMissed }
        #expect(validator.withheld > 2 && missed == validator.withheld)
        // A quarter of an epoch's emission for each: more than one epoch's for the whole game.
        let forfeit = missed * network.ledger.parameters.beacon.drawnForfeitPartsPerMillion
        #expect(forfeit >= 1_000_000)
        #expect(cheat.emission * 10 < honest.emission * 6)
        #expect(cheat.received * 100 < honest.received * (100 - badPercent / 2))
        for place in 1..<8 {
            let epochs = try network.epochs(of: network.host(place))
            #expect(epochs.allSatisfy { $0.drawnBeaconsMissed + $0.idleBeaconsMissed == 0 })
        }
        try network.expectNoHarm(except: 0..<1)
    }
}
