import Messages
import Primitives
import ProtocolRules
import TestSupport
import Testing

/// Whole rounds on the real ledger with simulated hosts: what audits lead to.
@Suite("Audits, from draw to settlement")
struct AuditTests {
    @Test("Where everybody is honest every sample is scored and good, every duty done, everything paid")
    func honest() throws {
        let network = try SimulatedNetwork(hostCount: 5)
        network.ledger.audits = true
        try network.run(epochs: 3)
        var duties: (due: UInt64, done: UInt64) = (0, 0)
        for host in network.ledger.hosts {
            for claim in try network.claims(of: host.address, .serving) where claim.state != .committed {
                #expect(claim.state == .settled)
                #expect(
                    claim.outcomes.allSatisfy { $0.state == .decided && $0.tally.counted == 4 && $0.tally.bad == 0 })
            }
            let sprints = try network.epochs(of: host.address).flatMap(\.sprint)
            #expect(sprints.count == 3)
            #expect(sprints.allSatisfy { $0.isDecided && $0.counted == $0.claimed && $0.claimed == 15 * 32 })
            for epoch in try network.epochs(of: host.address) {
                duties.due += epoch.duties
                duties.done += epoch.dutiesDone
                #expect(!epoch.isConvicted)
                #expect(epoch.drawnBeaconsMissed + epoch.idleBeaconsMissed == 0)
            }
            #expect(try network.received(by: host.address) > .zero)
            let score = try #require(try network.score(of: host.address))
            #expect(score.matches > 50 && score.mismatches == 0 && score.milliNats == 0)
            #expect(try network.score(of: host.address, as: .appeal) == nil)
        }
        #expect(duties.due > 300)
        #expect(duties.due == duties.done)
        #expect(try network.ledger.replayedAppHash() == network.ledger.appHash)
    }
}
