import Cryptography
import LedgerClient
import Messages
import OrderingAPI
import Primitives
import ProtocolRules
import TestSupport
import Testing

@testable import Gateway

@Suite("Misses that a gateway reports to the real ledger", .timeLimit(.minutes(2))) struct MissReportTests {
    @Test("What both witnesses saw is counted once, is paid for once, and leaves nothing booked")
    func silence() async throws {
        let scene = try await MissScene { host, voucher in MissScene.saw(host, voucher) }
        let unanswered = try await scene.unanswered()
        let balance = try await scene.ledger.run { [payer = scene.payer] in try $0.balance(of: payer.address) }
        await scene.reporter.examine(unanswered)
        await scene.reporter.sendDue()
        #expect(try await scene.missed() == 1)
        #expect(await scene.booked(unanswered) == .zero)
        let paid = try await scene.ledger.run { [payer = scene.payer] in try $0.balance(of: payer.address) }
        #expect(paid < balance)
        // The same once more is not even sent.
        await scene.reporter.examine(unanswered)
        await scene.reporter.sendDue()
        let after = try await scene.ledger.run { [payer = scene.payer] in try $0.balance(of: payer.address) }
        #expect(after == paid)
        #expect(await scene.reporter.tally == MissReporter.Tally(asked: 2, agreed: 2, reported: 1, dropped: 1))
    }

    @Test("A refusal for load waits until the round is claimed, and is then counted")
    func load() async throws {
        let scene = try await MissScene { host, voucher in MissScene.saw(host, voucher, .load) }
        let unanswered = try await scene.unanswered()
        let round = try await scene.round(of: unanswered)
        await scene.reporter.examine(unanswered)
        let before = await scene.ledger.submissions
        for height in [nil, round.timetable.window(.commit).upperBound - 1] as [UInt64?] {
            if let height { try await scene.advance(to: height) }
            await scene.reporter.sendDue()
            #expect(await scene.ledger.submissions == before)
        }
        try await scene.advance(to: round.timetable.window(.commit).upperBound)
        await scene.reporter.sendDue()
        #expect(try await scene.missed() == 1)
        #expect(await scene.reporter.tally == MissReporter.Tally(asked: 1, agreed: 1, reported: 1))
    }

    @Test("A host that was busy in that round may refuse, and no fee is spent on saying so")
    func busy() async throws {
        let scene = try await MissScene { host, voucher in MissScene.saw(host, voucher, .load) }
        let unanswered = try await scene.unanswered()
        let round = try await scene.round(of: unanswered)
        await scene.reporter.examine(unanswered)
        let (session, payer) = (unanswered.engagement.session, scene.payer)
        try await scene.ledger.run { ledger in
            try ledger.advanceToCommit(of: round.serial)
            // A weight of 100 in a sprint of 8 blocks is 187 tokens in 15: ten items of 16 are more than half.
            let part = SessionClaim(
                session: session, firstNumber: 1, count: 10, fee: Amount(3),
                voucher: ledger.voucher(
                    session: session, executor: ledger.hosts[0].address, amount: Amount(9), sequence: 9, by: payer))
            let claim = ledger.claim(ledger.hosts[0], round: round.serial, sessions: [part])
            let result = try ledger.run(claim, by: ledger.hosts[0].operatorAccount, fee: .zero)
            try #require(result.isAccepted)
        }
        try await scene.advance(to: round.timetable.window(.commit).upperBound)
        let before = await scene.ledger.submissions
        await scene.reporter.sendDue()
        #expect(await scene.ledger.submissions == before)
        #expect(await scene.reporter.tally == MissReporter.Tally(asked: 1, agreed: 1, dropped: 1))
    }

    struct Disagreement: Sendable {
        let name: String
        /// Whether the executor may have been reached, so that the maximum stays booked.
        var isBooked = true
        let script: MissScene.Witnesses.Script
    }

    /// The ledger's third host lies or fails; the second is honest.
    static let disagreements: [Disagreement] = [
        Disagreement(name: "another reason") { MissScene.saw($0, $1, $0 == 1 ? .silence : .load) },
        Disagreement(name: "another request") { host, voucher in
            guard host == 2 else { return MissScene.saw(host, voucher) }
            var other = voucher
            other.statement.sequence += 1
            return MissScene.saw(host, other)
        },
        Disagreement(name: "in another's name") { host, voucher in
            guard host == 2, case .saw(let statement) = MissScene.saw(1, voucher) else {
                return MissScene.saw(host, voucher)
            }
            return .saw(statement)
        },
        Disagreement(name: "another key") { host, voucher in
            guard host == 2, case .saw(let statement) = MissScene.saw(host, voucher) else {
                return MissScene.saw(host, voucher)
            }
            return .saw(Signed(statement.statement, by: PrivateKey.random()))
        },
        Disagreement(name: "one alone") { host, voucher in
            if host == 2 { throw HostFault.unreachable("test") }
            return MissScene.saw(host, voucher)
        },
        Disagreement(name: "one silent") { host, voucher in
            if host == 2 { throw HostFault.timedOut }
            return MissScene.saw(host, voucher)
        },
        Disagreement(name: "neither", isBooked: false) { _, _ in throw HostFault.status(403) },
        Disagreement(name: "one finds it alive") { host, voucher in
            host == 2 ? .executorAnswers : MissScene.saw(host, voucher)
        },
    ]

    @Test("One witness, or two that do not say the same, lead to nothing", arguments: disagreements.indices)
    func disagreement(index: Int) async throws {
        let example = Self.disagreements[index]
        let scene = try await MissScene(example.script)
        let unanswered = try await scene.unanswered()
        let before = await scene.ledger.submissions
        await scene.reporter.examine(unanswered)
        await scene.reporter.sendDue()
        #expect(await scene.ledger.submissions == before, "\(example.name)")
        #expect(await scene.reporter.tally.agreed == 0, "\(example.name)")
        let maximum = unanswered.engagement.promise.maximum
        #expect(await scene.booked(unanswered) == (example.isBooked ? maximum : .zero), "\(example.name)")
    }

    @Test("While witnesses have the voucher, its maximum is booked")
    func booking() async throws {
        let turnstile = Turnstile()
        let scene = try await MissScene { host, voucher in
            try await turnstile.pass()
            return MissScene.saw(host, voucher)
        }
        let unanswered = try await scene.unanswered()
        async let examined: Void = scene.reporter.examine(unanswered)
        await turnstile.waitForArrivals(2)
        #expect(await scene.booked(unanswered) == unanswered.engagement.promise.maximum)
        await turnstile.open()
        await examined
        #expect(await scene.booked(unanswered) == .zero)
    }

    @Test("A ledger that is away is asked again; an answer that got lost is not paid for twice")
    func lostAnswers() async throws {
        let scene = try await MissScene { host, voucher in MissScene.saw(host, voucher) }
        await scene.reporter.examine(try await scene.unanswered())
        await scene.ledger.fail(1)
        await scene.reporter.sendDue()
        #expect(try await scene.missed() == 0)
        await scene.ledger.loseAnswers(1)
        await scene.reporter.sendDue()
        #expect(try await scene.missed() == 1)
        let sent = await scene.ledger.submissions
        await scene.reporter.sendDue()
        await scene.reporter.sendDue()
        #expect(await scene.ledger.submissions == sent)
    }

    @Test("Nothing is sent for a round that settles, for an unknown one, or for a session that is closed")
    func tooLate() async throws {
        let late = try await MissScene { host, voucher in MissScene.saw(host, voucher) }
        let unanswered = try await late.unanswered()
        await late.reporter.examine(unanswered)
        try await late.advance(to: try await late.round(of: unanswered).timetable.settleHeight - 2)
        let before = await late.ledger.submissions
        await late.reporter.sendDue()
        #expect(await late.ledger.submissions == before)
        #expect(await late.reporter.tally.dropped == 1)
    }

    @Test("A session accuses an executor sixty-four times, and the reporter stops where the ledger does")
    func most() async throws {
        var plan = TestLedgerPlan()
        plan.parameters.chain.epochBlocks = 900
        plan.parameters.chain.beaconIntervalBlocks = 3
        plan.parameters.rounds.servingWorkBlocks = 300
        let scene = try await MissScene(plan: plan) { host, voucher in MissScene.saw(host, voucher) }
        for _ in 0..<(MissRules.missesPerExecutorMax + 2) {
            await scene.reporter.examine(try await scene.unanswered())
            await scene.reporter.sendDue()
        }
        #expect(try await scene.missed() == MissRules.missesPerExecutorMax)
        let tally = await scene.reporter.tally
        #expect((tally.reported, tally.dropped) == (MissRules.missesPerExecutorMax, 2))
    }
}
