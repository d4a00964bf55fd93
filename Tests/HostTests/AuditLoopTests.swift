import Cryptography
import EngineAPI
import LedgerClient
import Messages
import OpenAIWire
import Primitives
import ProtocolRules
import StubEngine
import TestSupport
import Testing
import WireFormat

@testable import HostRoles

@Suite("Audits among hosts on the real ledger")
struct AuditLoopTests {
    /// What a host's epochs noted of its duties.
    static func duties(_ crowd: HostCrowd, _ host: Int) async throws -> (owed: UInt64, done: UInt64) {
        let address = crowd.hosts[host].identity.address
        return try await crowd.ledger.run { ledger in
            let record = try ledger.record(HostEpochRecord.self, at: StateKey.hostEpoch(1, host: address))
            return (record?.duties ?? 0, record?.dutiesDone ?? 0)
        }
    }

    @Test("Served items are fetched, scored, opened on both sides and paid; every duty is done")
    func honest() async throws {
        let crowd = try await HostCrowd()
        let round = try await crowd.hosts[0].view.current().round.id
        for sequence in 1...6 { try await crowd.hosts[0].ask(sequence: UInt64(sequence)) }
        try await crowd.hosts[1].ask(session: 2)
        try await crowd.settle(round)
        let claim = try #require(try await crowd.claim(in: round))
        #expect(claim.state == .settled)
        let outcome = try #require(claim.outcomes.first)
        #expect(outcome.state == .decided)
        #expect((outcome.tally.drawn, outcome.tally.counted, outcome.tally.bad) == (4, 4, 0))
        #expect(claim.payments.allSatisfy { $0.received > .zero })
        #expect(try await crowd.claim(of: 1, in: round)?.outcomes.first?.tally.counted == 1)
        var (owed, done) = (UInt64(0), UInt64(0))
        for host in 0..<3 {
            let duties = try await Self.duties(crowd, host)
            (owed, done) = (owed + duties.owed, done + duties.done)
        }
        #expect((owed, done) == (5, 5))
    }
}

extension AuditLoopTests {
    /// A crowd whose first host has served so many items in the running round.
    static func served(
        _ count: Int = 6, hostCount: Int = 3,
        clock: any Clock<Duration> = ContinuousClock(),
        limits: Limits = HostCrowd.limits,
        engine: (Int) -> any Engine = { _ in ScriptedEngine(model: "test-model") }
    ) async throws -> (crowd: HostCrowd, round: RoundRecord) {
        let crowd = try await HostCrowd(hostCount: hostCount, limits: limits, clock: clock, engine: engine)
        let round = try await crowd.hosts[0].view.current().round
        for sequence in 1...count {
            try await crowd.hosts[0].ask(question, sequence: UInt64(sequence), amount: 500_000_000)
        }
        return (crowd, round)
    }

    static let question =
        #"{"model":"test-model","messages":[{"role":"user","content":"Say hello"}],"max_tokens":20}"#

    @Test("Auditors that restart between commitment and opening open what they committed to")
    func restart() async throws {
        var (crowd, round) = try await Self.served()
        try await crowd.advance(to: round.timetable.window(.open).lowerBound - 2)
        for host in crowd.hosts.indices { crowd.hosts[host] = try await crowd.hosts[host].restarted() }
        try await crowd.settle(round.id)
        let tally = try #require(try await crowd.claim(in: round.id)?.outcomes.first?.tally)
        #expect((tally.drawn, tally.counted, tally.bad) == (4, 4, 0))
    }

    @Test("Findings are gone when the round settles, and with them the only thing that audits leave")
    func forgetting() async throws {
        let (crowd, round) = try await Self.served()
        try await crowd.advance(to: round.timetable.window(.open).lowerBound)
        #expect(crowd.hosts.contains { !$0.folders.audits.contents.isEmpty })
        try await crowd.settle(round.id)
        try await crowd.advance(to: await crowd.ledger.run { $0.height } + 1)
        for host in crowd.hosts {
            #expect(!host.folders.audits.contents.keys.contains { $0.hasSuffix("\(round.id).audits") })
        }
    }

    @Test("The second on the list takes over from one that is silent")
    func laterTurn() async throws {
        var (crowd, round) = try await Self.served(12)
        crowd.hosts.remove(at: 1)
        try await crowd.settle(round.id)
        let tally = try #require(try await crowd.claim(in: round.id)?.outcomes.first?.tally)
        #expect((tally.drawn, tally.counted, tally.bad) == (4, 4, 0))
    }

    @Test("A claimant that hands nothing out is not paid, and the auditors' duty is done")
    func unavailable() async throws {
        let (crowd, round) = try await Self.served(clock: ManualClock())
        await crowd.exchange.takeAway(crowd.hosts[0].identity.url)
        try await crowd.settle(round.id, waits: false)
        let claim = try #require(try await crowd.claim(in: round.id))
        let tally = try #require(claim.outcomes.first?.tally)
        #expect((tally.drawn, tally.counted, tally.bad) == (4, 4, 4))
        #expect(claim.payments.allSatisfy { $0.received == .zero })
        let duties = try await (Self.duties(crowd, 1), Self.duties(crowd, 2))
        #expect((duties.0.owed + duties.1.owed, duties.0.done + duties.1.done) == (4, 4))
    }

    @Test(
        "Auditors whose engines have no room for them blame themselves: the claimant loses nothing, they lose the duty")
    func busyAuditors() async throws {
        var limits = HostCrowd.limits
        limits.auditsAtOnceMax = 1
        let (crowd, round) = try await Self.served(clock: ManualClock(), limits: limits) { number -> any Engine in
            number == 0 ? ScriptedEngine(model: "test-model") : BusyEngine(ScriptedEngine(model: "test-model"))
        }
        try await crowd.advance(to: round.timetable.settleHeight + 2, waits: false)
        let claim = try #require(try await crowd.claim(in: round.id))
        let outcome = try #require(claim.outcomes.first)
        #expect(outcome.state == .carried)
        #expect((outcome.tally.drawn, outcome.tally.counted, outcome.tally.bad) == (4, 0, 0))
        let duties = try await (Self.duties(crowd, 1), Self.duties(crowd, 2))
        #expect((duties.0.owed + duties.1.owed, duties.0.done + duties.1.done) == (4, 0))
    }

    /// The claimant hands each sample out once, and that is enough.
    @Test("Auditors whose engines are away blame themselves, and keep what they were handed")
    func enginesAway() async throws {
        let (crowd, round) = try await Self.served(clock: ManualClock()) { number -> any Engine in
            let engine = ScriptedEngine(model: "test-model")
            return number == 0 ? engine : BusyEngine(engine, rendering: .unreachable(reason: "away"))
        }
        try await crowd.advance(to: round.timetable.settleHeight + 2, waits: false)
        let claim = try #require(try await crowd.claim(in: round.id))
        let outcome = try #require(claim.outcomes.first)
        #expect(outcome.state == .carried)
        #expect((outcome.tally.drawn, outcome.tally.counted, outcome.tally.bad) == (4, 0, 0))
        let requests = await crowd.exchange.requests.map {
            "\($0.statement.auditor) \($0.statement.entry) \($0.statement.number)"
        }
        #expect(Set(requests).count == requests.count)
    }

    @Test("A claimant that is back in time is audited as any other")
    func backAgain() async throws {
        let (crowd, round) = try await Self.served()
        await crowd.exchange.takeAway(crowd.hosts[0].identity.url)
        try await crowd.advance(to: round.timetable.window(.audit).lowerBound, waits: false)
        await crowd.exchange.bringBack(crowd.hosts[0].identity.url)
        try await crowd.settle(round.id)
        let tally = try #require(try await crowd.claim(in: round.id)?.outcomes.first?.tally)
        #expect((tally.drawn, tally.counted, tally.bad) == (4, 4, 0))
    }

    @Test("A host that serves another model is found out by auditors and panel, and not paid")
    func cheat() async throws {
        let (crowd, round) = try await Self.served(hostCount: 5) { number in
            ScriptedEngine(model: "test-model", weights: number == 0 ? 1 : 0)
        }
        try await crowd.settle(round.id)
        let claim = try #require(try await crowd.claim(in: round.id))
        let tally = try #require(claim.outcomes.first?.tally)
        #expect((tally.drawn, tally.counted, tally.bad) == (4, 4, 4))
        #expect(claim.payments.allSatisfy { $0.received == .zero })
        let score = try await Self.score(crowd, 0, as: .audit)
        #expect(score?.mismatches == 4)
    }

    @Test("An auditor that runs another model is outvoted by the panel, and the honest host is paid")
    func wrongAuditor() async throws {
        let (crowd, round) = try await Self.served(hostCount: 5) { number in
            ScriptedEngine(model: "test-model", weights: number == 1 ? 1 : 0)
        }
        try await crowd.settle(round.id)
        let tally = try #require(try await crowd.claim(in: round.id)?.outcomes.first?.tally)
        #expect((tally.counted, tally.bad) == (4, 0))
        #expect(try await Self.score(crowd, 0, as: .audit)?.mismatches == 0)
    }

    @Test("What is changed on the way is a difference, and the panel confirms it")
    func tampered() async throws {
        let (crowd, round) = try await Self.served(hostCount: 5)
        await crowd.exchange.tamper { $0.body.append(0x20) }
        try await crowd.settle(round.id)
        let tally = try #require(try await crowd.claim(in: round.id)?.outcomes.first?.tally)
        #expect((tally.drawn, tally.counted, tally.bad) == (4, 4, 4))
    }

    private static func score(_ crowd: HostCrowd, _ host: Int, as stage: AuditStage) async throws -> ScoreRecord? {
        let address = crowd.hosts[host].identity.address
        return try await crowd.ledger.run { ledger in
            try ledger.record(
                ScoreRecord.self, at: StateKey.score(of: address, as: stage, model: "test-model"))
        }
    }
}
