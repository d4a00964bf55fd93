import Cryptography
import EngineAPI
import LedgerClient
import Messages
import Primitives
import ProtocolRules
import StubEngine
import Synchronization
import TestSupport
import Testing

@testable import HostRoles

@Suite("Synthetic work")
struct SprintTests {
    /// A plan whose model has ordinary tokens and whose items are short.
    static func plan(hostCount: Int = 3) -> TestLedgerPlan {
        var plan = HostCrowd.plan(hostCount: hostCount)
        plan.models[0].ordinaryTokens = TokenRanges(bounds: [97, 122]) ?? .none
        plan.parameters.rounds.sprintPromptTokens = 3
        plan.parameters.rounds.sprintOutputTokens = 5
        return plan
    }

    /// An engine that makes one item after the other and then does what `after` says, or hangs until it is cancelled.
    static func engine(
        items: Int = 12, after: @escaping @Sendable () async throws -> Void = SprintTests.hang
    ) -> ScriptedEngine {
        let begun = Counter()
        return ScriptedEngine(model: "test-model", parallelSequences: 1) { position in
            if position == 0, begun.next() > items { try await after() }
        }
    }

    static let hang: @Sendable () async throws -> Void = {
        let (never, source) = AsyncStream<Never>.makeStream()
        for await _ in never {}
        source.finish()
    }

    private final class Counter: Sendable {
        private let count = Mutex(0)

        func next() -> Int {
            count.withLock { count in
                count += 1
                return count
            }
        }
    }

    /// The sprint that is at work when a scene begins.
    static func sprint(_ scene: HostScene) async throws -> RoundRecord {
        let rounds = await scene.registry.rounds
        return try #require(rounds.first { $0.timetable.kind == .sprint })
    }

    /// Returns once the host has so many items of the round.
    static func wait(for count: Int, _ scene: HostScene, _ round: RoundRecord) async throws {
        while await scene.sprints.indices(round: round.id, model: "test-model").count < count { await Task.yield() }
    }

    @Test("Indices are given out without gaps; one that came to nothing comes next")
    func indices() {
        var indices = SprintIndices()
        #expect((0..<3).map { _ in indices.take() } == [0, 1, 2])
        indices.giveBack(2)
        indices.giveBack(0)
        #expect((0..<3).map { _ in indices.take() } == [0, 2, 3])
        var resumed = SprintIndices(done: [0, 3, 4])
        #expect((0..<3).map { _ in resumed.take() } == [1, 2, 5])
    }

    @Test("Items follow from round, host and index, and wait for whoever waits for an answer")
    func items() async throws {
        let engine = RecordingEngine(Self.engine())
        let scene = try await HostScene(engine: engine, plan: Self.plan())
        let round = try await Self.sprint(scene)
        try await scene.duties.step()
        try await Self.wait(for: 4, scene, round)
        await scene.duties.stop()
        let work = SprintWork(
            workSeed: try #require(round.workSeed), host: scene.identity.address, model: "test-model",
            promptTokens: 3, outputTokens: 5)
        for index in 0..<UInt64(4) {
            let kept = try await scene.sprints.item(round: round.id, model: "test-model", index: index)
            let item = try #require(kept)
            let prompt = work.prompt(index, ordinary: try #require(TokenRanges(bounds: [97, 122])))
            #expect(item.item.kind == .sprint)
            #expect(item.item.promptDigest == TokenDigest.digest(of: prompt))
            #expect(item.item.seed == work.itemSeed(index).hash)
            #expect((item.item.promptTokens, item.item.outputTokens, item.item.cachedTokens) == (3, 5, 0))
            #expect(item.item.outputDigest == TokenDigest.digest(of: item.outputTokens))
            #expect((item.item.finishReason, item.item.serving == nil) == (.length, true))
            let fingerprint = try #require(Fingerprint(bytes: item.fingerprint))
            #expect(fingerprint.commitment(salt: item.salt) == item.item.fingerprintCommitment)
        }
        #expect(engine.requests.allSatisfy { $0.turn.priority == .background && $0.ignoresEndTokens })
    }

    @Test("Only the longest prefix without gaps is claimed, and a restart keeps it")
    func prefix() async throws {
        let scene = try await HostScene(engine: Self.engine(), plan: Self.plan())
        let round = try await Self.sprint(scene)
        let model = try #require(try await scene.ledger.model("test-model"))
        let task = try #require(
            SprintTask(round, model: model, host: scene.identity.address, contextTokens: 2_048))
        for index in [0, 1, 3] as [UInt64] {
            try await scene.sprints.add(try await task.item(index, on: scene.engine), round: round.id)
        }
        #expect(try await scene.sprints.entries(of: round.id).map(\.count) == [2])
        try await scene.sprints.add(try await task.item(2, on: scene.engine), round: round.id)
        let whole = try #require(try await scene.sprints.entries(of: round.id).first)
        #expect((whole.count, whole.tokens, whole.fee, whole.sessions.isEmpty) == (4, 20, .zero, true))
        let again = try await scene.restarted()
        #expect(try await again.sprints.entries(of: round.id) == [whole])
    }

    @Test("After a restart the work goes on with what is missing")
    func restart() async throws {
        let scene = try await HostScene(engine: Self.engine(), plan: Self.plan())
        let round = try await Self.sprint(scene)
        try await scene.duties.step()
        try await Self.wait(for: 3, scene, round)
        await scene.duties.stop()
        try await scene.sprints.flush()
        let before = Set(await scene.sprints.indices(round: round.id, model: "test-model"))
        let engine = RecordingEngine(Self.engine())
        let again = try await scene.restarted(engine: engine)
        try await again.duties.step()
        try await Self.wait(for: before.count + 3, again, round)
        await again.duties.stop()
        let work = SprintWork(
            workSeed: try #require(round.workSeed), host: scene.identity.address, model: "test-model",
            promptTokens: 3, outputTokens: 5)
        let known = Set(before.map { work.itemSeed($0) })
        #expect(engine.requests.allSatisfy { !known.contains($0.seed) })
    }

    @Test("An engine that dies in mid-sprint leaves a prefix that is claimed")
    func dyingEngine() async throws {
        let engine = Self.engine(items: 5) { throw EngineError.stopped }
        let scene = try await HostScene(engine: engine, plan: Self.plan())
        let round = try await Self.sprint(scene)
        try await scene.duties.step()
        try await Self.wait(for: 5, scene, round)
        try await Self.finish(scene, round)
        let claim = try #require(try await scene.ledger.claim(of: scene.identity.address, in: round.id))
        let entry = try #require(claim.entries.first)
        #expect((entry.count, entry.tokens) == (5, 25))
    }

    /// Goes on until the round's claim may be committed, and commits it.
    static func finish(_ scene: HostScene, _ round: RoundRecord) async throws {
        while await scene.ledger.run({ $0.height }) < round.timetable.window(.commit).lowerBound {
            _ = try await scene.ledger.run { _ = try $0.block() }
            try await scene.duties.step()
            try await scene.keeper.step()
        }
    }

    @Test("Engines share the indices: what one cannot do the other does")
    func twoEngines() async throws {
        let broken = Self.engine(items: 0) { throw EngineError.stopped }
        let scene = try await HostScene(engine: broken, plan: Self.plan(), engines: [Self.engine()])
        let round = try await Self.sprint(scene)
        try await scene.duties.step()
        try await Self.wait(for: 12, scene, round)
        await scene.duties.stop()
        #expect(try await scene.sprints.entries(of: round.id).map(\.count) == [12], "no gap is left")
    }

    @Test("Nothing is made after the work window, before it, or by a host that leaves")
    func window() async throws {
        let scene = try await HostScene(engine: Self.engine(), plan: Self.plan())
        let round = try await Self.sprint(scene)
        let window = round.timetable.window(.work)
        #expect(!SprintWorker.isOpen(round, at: window.lowerBound - 1))
        #expect(SprintWorker.isOpen(round, at: window.lowerBound))
        #expect(SprintWorker.isOpen(round, at: window.upperBound - 1))
        #expect(!SprintWorker.isOpen(round, at: window.upperBound))
        try await scene.duties.step()
        try await Self.wait(for: 1, scene, round)
        try await Self.finish(scene, round)
        let made = await scene.sprints.indices(round: round.id, model: "test-model").count
        for _ in 0..<100 { await Task.yield() }
        #expect(await scene.sprints.indices(round: round.id, model: "test-model").count == made)
    }

    @Test("A sprint is claimed, audited and proven, and its items are gone then")
    func wholeLoop() async throws {
        let crowd = try await HostCrowd(plan: Self.plan()) { _ in Self.engine() }
        let round = try await Self.sprint(crowd.hosts[0])
        try await crowd.work()
        for host in crowd.hosts { try await Self.wait(for: 8, host, round) }
        try await crowd.settle(round.id)
        for host in crowd.hosts {
            let address = host.identity.address
            let claim = try #require(try await crowd.ledger.claim(of: address, in: round.id))
            #expect(claim.state == .settled)
            let tally = try #require(claim.outcomes.first?.tally)
            #expect((tally.drawn, tally.counted, tally.bad) == (8, 8, 0))
            let proven = try await crowd.ledger.run { ledger in
                try ledger.record(HostEpochRecord.self, at: StateKey.hostEpoch(1, host: address))?.sprint
            }
            #expect(proven?.map(\.counted) == claim.entries.map(\.tokens))
            #expect(await host.sprints.rounds.isEmpty)
            #expect(host.folders.sprints.contents.isEmpty)
        }
    }
}
