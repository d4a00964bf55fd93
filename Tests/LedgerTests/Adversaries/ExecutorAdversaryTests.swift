import Messages
import Primitives
import ProtocolRules
import TestSupport
import Testing

@Suite("Adversaries that serve")
struct ExecutorAdversaryTests {
    /// 7 mismatches convict: 7 · 2,996 milli-nats are the first multiple above ln 10⁸.
    @Test("Whoever serves another model is paid nothing from its first audited round on, and convicted in its second")
    func wrongModel() throws {
        let network = try AdversaryScene.wrongModel.run(hosts: 8, epochs: 2)
        let judged = try network.judged(0)
        #expect(judged.prefix(2).map(\.state) == [.settled, .void])
        #expect(judged[0].outcomes[0].tally == AuditTally(drawn: 8, counted: 8, bad: 8))
        let score = try #require(try network.score(of: network.host(0)))
        #expect(score.matches == 0 && score.convictions > 0 && score.mismatches == 7 * score.convictions)
        let (cheat, honest) = (try network.earnings(of: 0), try network.honest)
        #expect(cheat.received == 0 && cheat.sprintTokens == 0 && cheat.confirmationTokens == 0)
        #expect(honest.received > 0 && honest.sprintTokens > 0)
        // A fifth of the bond of 100 GNK for the first conviction alone.
        #expect(cheat.gain < -20_000_000_000)
        try network.expectNoHarm(except: 0..<1)
    }

    @Test(
        "Whoever drafts with a small model loses more than half of its pay and is convicted, also where a third of it goes unseen",
        arguments: [100, 77, 70] as [UInt64])
    func draftModel(visible: UInt64) throws {
        let network = try AdversaryScene.draftModel(visiblePercent: visible).run(hosts: 8, epochs: 3)
        let (cheat, honest) = (try network.earnings(of: 0), try network.honest)
        #expect(cheat.convictions > 0)
        #expect(cheat.received * 2 < honest.received && cheat.sprintTokens * 2 < honest.sprintTokens)
        #expect(visible < 100 || cheat.received + cheat.sprintTokens == 0)
        #expect(cheat.gain < 0)
        try network.expectNoHarm(except: 0..<1)
    }

    @Test(
        "Whoever changes prompts, answers or counts is paid nothing for serving and convicted",
        arguments: [AuditDifference.prompt, .request, .output, .sampling, .charge])
    func tamperedPrompt(difference: AuditDifference) throws {
        let network = try AdversaryScene.tampered(difference).run(hosts: 8, epochs: 2)
        let (cheat, honest) = (try network.earnings(of: 0), try network.honest)
        #expect(cheat.received == 0 && honest.received > 0)
        #expect(cheat.convictions > 0 && cheat.gain < -20_000_000_000)
        try network.expectNoHarm(except: 0..<1)
    }

    @Test(
        "Whoever claims more than its tree holds gets nothing at all, and takes nothing from others",
        arguments: [2, 1 << 40] as [UInt64])
    func overclaiming(factor: UInt64) throws {
        let network = try AdversaryScene.overclaiming(factor: factor).run(hosts: 8, epochs: 2)
        let (cheat, honest) = (try network.earnings(of: 0), try network.honest)
        #expect(cheat.received == 0 && cheat.sprintTokens == 0 && cheat.confirmationTokens == 0)
        #expect(cheat.convictions == 0 && cheat.gain == 0)
        let same = try AdversaryScene.nobody.run(hosts: 8, epochs: 2)
        #expect(honest.received == (try same.honest.received))
        #expect(honest.sprintTokens == (try same.honest.sprintTokens))
        try network.expectNoHarm(except: 0..<1)
    }

    @Test("Whoever leaves bad items out of the tree is paid nothing for the claim that bills them")
    func concealing() throws {
        let network = try AdversaryScene.concealing(badPercent: 30).run(hosts: 8, epochs: 2)
        let (cheat, honest) = (try network.earnings(of: 0), try network.honest)
        for claim in try network.judged(0) {
            let isPaid = claim.payments.contains { $0.received > .zero }
            let isWhole = claim.entries.allSatisfy { network.duties.entry($0.root)?.tree.count == $0.count }
            #expect(isWhole || !isPaid)
        }
        #expect(cheat.received < honest.received)
        #expect(cheat.convictions == 0)
        try network.expectNoHarm(except: 0..<1)
    }

    /// It is paid where all four samples fall on the one item that is where it should be.
    @Test("Whoever bills one answer many times cannot open its items")
    func repeating() throws {
        let network = try AdversaryScene.repeating.run(hosts: 8, epochs: 2)
        let (cheat, honest) = (try network.earnings(of: 0), try network.honest)
        #expect(cheat.received * 4 < honest.received && cheat.sprintTokens == honest.sprintTokens)
        #expect(cheat.convictions == 0)
        try network.expectNoHarm(except: 0..<1)
    }

    /// Of eight requests of 1,000,000, three are put on the other session.
    @Test("Whoever claims from one session what another owes cannot open its items")
    func shiftingFees() throws {
        let network = try SimulatedNetwork(hostCount: 8)
        try network.openSession(by: network.payer, for: (0..<8).map(network.host))
        network.behave(0, FeeShifter(Amount(3_000_000)))
        var refused = 0
        while network.ledger.height < 80 {
            try network.step()
            refused += network.ledger.dutyResults.count { $0.refusal == Refusal("rounds", 18) }
        }
        #expect(refused > 2)
        let (cheat, honest) = (try network.earnings(of: 0), try network.honest)
        #expect(cheat.received * 2 < honest.received && cheat.sprintTokens == honest.sprintTokens)
        try network.expectNoHarm(except: 0..<1)
    }

    /// Section 5: a mismatch more or less decides little in one claim, so several cheat at once.
    @Test("Whoever cheats in one item of twenty is not convicted, and loses by the pay rule more than it saves")
    func belowDrift() throws {
        let cheats = 7
        let network = try AdversaryScene.belowDrift(badPercent: 5).run(hosts: 14, adversaries: cheats, epochs: 4)
        var (received, sprint, gain) = (UInt64(0), UInt64(0), Int64(0))
        for place in 0..<cheats {
            let cheat = try network.earnings(of: place)
            #expect(cheat.convictions == 0)
            received += cheat.received
            sprint += cheat.sprintTokens
            gain += cheat.gain
        }
        let honest = try network.honest
        let all = UInt64(cheats)
        // 5 % of the work was saved. Of the pay 10 % and more is gone, and a fee of 1 GNK for each confirmed mismatch.
        #expect(received * 100 < honest.received * all * 90)
        #expect(sprint * 100 < honest.sprintTokens * all * 90)
        #expect(gain < 0 && honest.gain > 0)
        try network.expectNoHarm(except: 0..<cheats)
    }

    @Test(
        "Whoever does not open its bad items, or hides them from panels, keeps its score and loses three times what it saves",
        arguments: [true, false])
    func hiddenItems(fromPanels: Bool) throws {
        let scene: AdversaryScene = fromPanels ? .evadingPanels(badPercent: 20) : .notOpening(badPercent: 20)
        let network = try scene.run(hosts: 14, epochs: 4)
        let (cheat, honest) = (try network.earnings(of: 0), try network.honest)
        #expect(try network.score(of: network.host(0))?.mismatches == 0)
        let samples = try network.samples(of: 0)
        #expect(samples.bad > 0 && samples.abandoned == 0)
        #expect(cheat.received * 100 < honest.received * 80)
        #expect(cheat.sprintTokens * 100 < honest.sprintTokens * 60)
        try network.expectNoHarm(except: 0..<1)
    }

    @Test("Whoever withholds its items is paid nothing, and its score says nothing")
    func silent() throws {
        let network = try AdversaryScene.silent.run(hosts: 8, epochs: 2)
        let cheat = try network.earnings(of: 0)
        #expect(cheat.received == 0 && cheat.sprintTokens == 0 && cheat.gain == 0)
        #expect(try network.score(of: network.host(0)) == nil)
        #expect(try network.samples(of: 0).bad == network.samples(of: 0).counted)
        try network.expectNoHarm(except: 0..<1)
    }

    @Test("Whoever leaves and registers again keeps its score and pays a bond anew")
    func whitewashing() throws {
        let network = try SimulatedNetwork(hostCount: 8)
        let whitewasher = Whitewasher(network.ledger.hosts[0])
        network.behave(0, whitewasher)
        try network.run(epochs: 5)
        #expect(whitewasher.returns == 1)
        let score = try #require(try network.score(of: network.host(0)))
        // Seven mismatches convict again, with those of before it left among them.
        #expect(score.convictions == score.mismatches / 7)
        let cheat = try network.earnings(of: 0)
        #expect(cheat.received == 0 && cheat.sprintTokens == 0)
        #expect(cheat.gain < -100_000_000_000)
        try network.expectNoHarm(except: 0..<1)
    }

    @Test("Whoever was convicted claims nothing before the next sprint, also where it left and registered again")
    func returningBarred() throws {
        let network = try SimulatedNetwork(hostCount: 8) { $0.chain.epochBlocks = 120 }
        let whitewasher = Whitewasher(network.ledger.hosts[0])
        network.behave(0, whitewasher)
        while network.ledger.height < 118 { try network.step() }
        let host = try #require(try network.ledger.host(network.host(0)))
        #expect(whitewasher.returns == 1 && host.state == .active && host.registeredHeight < 100)
        #expect(host.barredUntilEpoch == 2)
        let claims = try network.judged(0) + network.claims(of: network.host(0), .serving)
        #expect(claims.allSatisfy { $0.committedHeight < host.registeredHeight })
        try network.expectNoHarm(except: 0..<1)
    }
}
