import Ledger
import Messages
import OrderingAPI
import Primitives
import ProtocolRules
import TestSupport
import Testing

@Suite("Hosts that vanish and come back")
struct AbsenceTests {
    /// Steps until serving round `serial` has opened.
    private func window(_ phase: RoundPhase, of serial: UInt64, in network: SimulatedNetwork) throws -> ClosedRange<
        UInt64
    > {
        while network.ledger.servingRound() < serial { try network.step() }
        return try #require(try network.ledger.round(serial)).timetable.window(phase)
    }

    /// Steps to the end of `epochs` and expects that no message of a host that is there is refused.
    private func run(_ network: SimulatedNetwork, epochs: UInt64) throws {
        let last = network.ledger.height + epochs * network.ledger.parameters.chain.epochBlocks
        while network.ledger.height < last {
            try network.step()
            for result in network.ledger.dutyResults + network.claimResults {
                #expect(result.isAccepted, "\(network.ledger.height): \(result.log)")
            }
        }
    }

    private static let windows: [RoundPhase] = [
        .work, .commit, .draw, .audit, .open, .appealDraw, .appeal, .appealOpen,
    ]

    @Test(
        "A host that is away for one window costs nobody else anything, and itself what it left undone",
        arguments: windows)
    func oneWindow(phase: RoundPhase) throws {
        let network = try SimulatedNetwork(hostCount: 8)
        let away = try window(phase, of: 2, in: network)
        network.behave(0, AbsentHost([away]))
        try run(network, epochs: 3)
        let all = try SimulatedNetwork(hostCount: 8)
        while all.ledger.height < network.ledger.height { try all.step() }
        for place in 1..<8 {
            let (host, undisturbed) = (try network.earnings(of: place), try all.earnings(of: place))
            #expect(host.received == undisturbed.received && host.sprintTokens == undisturbed.sprintTokens)
            #expect(host.convictions == 0)
            // Who found nothing to score because the claimant was away in its turn, and was back in the next one's, did not do
            // its duty: one in ten costs nothing.
            #expect(host.dutiesDone * 10 >= host.duties * 9)
        }
        let absent = try network.earnings(of: 0)
        #expect(absent.convictions == 0 && absent.gain == Int64(absent.received))
        #expect(absent.received <= (try all.earnings(of: 0)).received && absent.received > 0)
        try network.expectNoHarm(except: 0..<0)
    }

    @Test("With the only auditor of its model away a host waits for its pay, and gets all of it")
    func onlyAuditor() throws {
        let network = try SimulatedNetwork(hostCount: 2)
        let away = try window(.audit, of: 2, in: network)
        network.behave(1, AbsentHost([away]))
        try run(network, epochs: 3)
        let delayed = try #require(try network.ledger.claim(of: network.host(0), in: 2))
        #expect(delayed.state == .settled && delayed.carries == 1 && delayed.auditRound > delayed.round)
        #expect(delayed.outcomes.map(\.state) == [.decided])
        for claim in try network.claims(of: network.host(0), .serving) where claim.state != .committed {
            #expect(claim.payments.reduce(0) { $0 + $1.received.ngonka } == 3_920_000)
        }
        try network.expectNoHarm(except: 0..<0)
    }

    @Test("Without auditors a claim is carried three times and then refunded, and sessions close")
    func noAuditors() throws {
        let network = try SimulatedNetwork(hostCount: 4)
        let gone = try window(.audit, of: 1, in: network).lowerBound
        for place in 1..<4 { network.behave(place, AbsentHost(from: gone)) }
        try run(network, epochs: 4)
        let claims = try network.claims(of: network.host(0), .serving)
        let judged = claims.filter { $0.state != .committed }
        #expect(judged.count > 5)
        for claim in judged {
            #expect(claim.carries == 3 && claim.outcomes.map(\.state) == [.undecided])
            #expect(claim.payments.allSatisfy { $0.received == .zero && $0.tax == .zero })
        }
        let unjudged = try network.earnings(of: 0)
        #expect(unjudged.received == 0 && unjudged.gain == 0 && unjudged.convictions == 0)
        // The deposit goes back whole.
        let ledger = network.ledger
        #expect(try ledger.run(MsgCloseSession(payer: network.payer.address, session: 1), by: network.payer).isAccepted)
        while try ledger.session(1)?.state != .closed {
            try #require(ledger.height < 600, "a carried claim holds the session up")
            try ledger.block()
        }
        #expect(try ledger.session(1)?.refunded == ledger.session(1)?.deposit)
        try network.expectNoHarm(except: 0..<0)
    }

    @Test("A claim that was carried twice is audited like any other when its auditors are back")
    func auditorsReturn() throws {
        let network = try SimulatedNetwork(hostCount: 4)
        let away = try window(.audit, of: 2, in: network).lowerBound
        let until = try #require(try network.ledger.round(2)).timetable.settleHeight + 30
        for place in 1..<4 { network.behave(place, AbsentHost(from: away, to: until)) }
        try run(network, epochs: 5)
        let claims = try network.claims(of: network.host(0), .serving).filter { $0.state != .committed }
        #expect(Set(claims.map(\.carries)).isSuperset(of: [0, 1, 2]))
        #expect(claims.allSatisfy { $0.outcomes.map(\.state) == [.decided] && $0.outcomes[0].tally.bad == 0 })
        #expect(claims.allSatisfy { $0.payments.map(\.received) == [Amount(3_920_000)] })
        try network.expectNoHarm(except: 0..<0)
    }

    @Test("With all hosts of all models gone blocks go on, and all work goes on when they are back")
    func everybodyAway() throws {
        let network = try SimulatedNetwork(hostCount: 5)
        let away = try window(.audit, of: 1, in: network).lowerBound
        for place in 0..<5 { network.behave(place, AbsentHost(from: away, to: away + 100)) }
        try run(network, epochs: 3)
        let before = try network.honest
        try run(network, epochs: 3)
        let after = try network.honest
        #expect(after.received > before.received && after.sprintTokens > before.sprintTokens)
        let last = try #require(try network.claims(of: network.host(0), .serving).last { $0.state == .settled })
        #expect(last.outcomes.allSatisfy { $0.tally == AuditTally(drawn: 4, counted: 4, bad: 0) })
        try network.expectNoHarm(except: 0..<0)
    }

    @Test("Without any host blocks go on, rounds open and settle, and every interval has its seed")
    func nobodyAtAll() throws {
        var plan = TestLedgerPlan()
        plan.hostCount = 0
        let ledger = try TestLedger(plan)
        try ledger.advance(to: 250)
        #expect(ledger.servingRound() == 17)
        #expect(try ledger.round(12)?.isSettled == true)
        #expect(try ledger.seed(endingAt: 249) != nil)
        #expect(try ledger.replayedAppHash() == ledger.appHash)
    }

    @Test("One model's auditors away hold up that model's claims and no other's")
    func oneGroupAway() throws {
        let models = ["model-a", "model-b"].map { id -> ModelRecord in
            var model = SimulatedNetwork.model
            model.id = id
            return model
        }
        let listings = Array(repeating: ["model-a"], count: 5) + Array(repeating: ["model-b"], count: 3)
        let network = try SimulatedNetwork(hostCount: 8, models: models, listings: listings)
        let gone = try window(.audit, of: 1, in: network).lowerBound
        for place in 6..<8 { network.behave(place, AbsentHost(from: gone)) }
        try run(network, epochs: 4)
        for place in 0..<5 {
            let claims = try network.claims(of: network.host(place), .serving).filter { $0.state != .committed }
            #expect(claims.count > 10)
            #expect(claims.allSatisfy { $0.carries == 0 && $0.payments.map(\.received) == [Amount(3_920_000)] })
        }
        let stranded = try network.claims(of: network.host(5), .serving).filter { $0.state == .settled }
        #expect(stranded.contains { $0.carries == 3 && $0.outcomes.map(\.state) == [.undecided] })
        #expect(try network.earnings(of: 5).convictions == 0)
        try network.expectNoHarm(except: 0..<0)
    }
}
