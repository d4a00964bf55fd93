import Messages
import Primitives
import ProtocolRules
import TestSupport
import Testing

@Suite("Adversaries that audit")
struct AuditorAdversaryTests {
    @Test("Whoever audits by guessing that all is fine has done no duty, and is convicted for its word")
    func guessing() throws {
        let network = try AdversaryScene.lazy(.guesses).run(hosts: 14, epochs: 2)
        let (cheat, honest) = (try network.earnings(of: 0), try network.honest)
        #expect(cheat.duties > 20 && cheat.dutiesDone == 0)
        #expect(honest.duties == honest.dutiesDone)
        let score = try #require(try network.score(of: network.host(0), as: .appeal))
        #expect(score.matches == 0 && score.convictions > 0 && score.mismatches >= 7 * score.convictions)
        // Its own good work does not save it: convicted, it claims nothing until the next sprint.
        #expect(cheat.received * 2 < honest.received && cheat.gain < -20_000_000_000)
        try network.expectNoHarm(except: 0..<1)
        try expectAllPaid(network)
    }

    @Test(
        "Whoever does not open, cannot check or blames the claimant has done no duty, and harms nobody's pay",
        arguments: [LazyAuditor.Trick.neverOpens, .excusesItself, .blamesClaimant])
    func shirking(trick: LazyAuditor.Trick) throws {
        let network = try AdversaryScene.lazy(trick).run(hosts: 14, epochs: 2)
        let (cheat, honest) = (try network.earnings(of: 0), try network.honest)
        #expect(cheat.duties > 20 && cheat.dutiesDone * 10 < cheat.duties)
        // Emission is paid in full from 90 % of duties on, linearly below.
        #expect(cheat.emission * 5 < honest.emission)
        #expect(cheat.received == honest.received && cheat.sprintTokens == honest.sprintTokens)
        #expect(cheat.convictions == 0)
        try network.expectNoHarm(except: 0..<1)
        try expectAllPaid(network)
    }

    @Test("Whoever copies digests and openings opens nothing, so that it has done no duty and no vote of its counts")
    func copying() throws {
        let network = try SimulatedNetwork(hostCount: 14)
        network.behave(0, CopyingAuditor())
        network.behave(1, WrongModelExecutor())
        var refused = 0
        while network.ledger.height < 80 {
            try network.step()
            refused += network.ledger.dutyResults.count { $0.refusal == Refusal("rounds", 15) }
        }
        #expect(refused > 5)
        let cheat = try network.earnings(of: 0)
        #expect(cheat.duties > 20 && cheat.dutiesDone == 0)
        // A copier among eleven saves no cheat.
        let wrong = try network.earnings(of: 1)
        #expect(wrong.convictions > 0 && wrong.received == 0)
        try network.expectNoHarm(except: 0..<2)
    }

    /// 20 hosts: two, four or six of them lie.
    @Test("Up to three liars in ten convict no honest host and pay for every lie", arguments: [2, 4, 6])
    func lying(liars: Int) throws {
        let network = try AdversaryScene.liars.run(hosts: 20, adversaries: liars, epochs: 2)
        try network.expectNoHarm(except: 0..<liars)
        let honest = try network.honest
        for place in 0..<liars {
            let liar = try network.earnings(of: place)
            #expect(liar.convictions > 0 && liar.received < honest.received)
            #expect(liar.gain < -20_000_000_000)
        }
        for place in liars..<20 {
            let score = try network.score(of: network.host(place))
            #expect(score?.mismatches == 0)
            #expect(try network.earnings(of: place).received == honest.received)
        }
    }

    /// Every honest host got what it would have got.
    private func expectAllPaid(_ network: SimulatedNetwork) throws {
        let all = try AdversaryScene.nobody.run(hosts: network.ledger.hosts.count, epochs: 2)
        for place in network.ledger.hosts.indices.dropFirst() {
            #expect(try network.earnings(of: place).received == all.earnings(of: place).received)
        }
    }
}
