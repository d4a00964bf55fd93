import Cryptography
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

@Suite("Claiming what is owed")
struct ClaimTests {
    /// A claim as the ledger has it.
    static func claim(_ scene: HostScene, _ round: UInt64) async throws -> ClaimRecord? {
        try await scene.ledger.claim(of: scene.identity.address, in: round)
    }

    static func sum(_ items: [FinishedItem]) -> UInt64 { items.reduce(0) { $0 + $1.item.fee.ngonka } }

    /// Goes to the first height from which the round before it can be claimed, and looks.
    static func passWork(_ scene: HostScene) async throws {
        let round = try await scene.view.current().round
        try await scene.advance(to: round.timetable.window(.commit).lowerBound)
    }

    @Test("A round's claim is the sum of its receipts, and pays them less the tax")
    func wholeLoop() async throws {
        let crowd = try await HostCrowd()
        let scene = crowd.hosts[0]
        let round = try await scene.view.current().round.id
        var items: [FinishedItem] = []
        for sequence in 1...5 { items.append(try await scene.ask(sequence: UInt64(sequence)).item) }
        for sequence in 1...2 { items.append(try await scene.ask(session: 2, sequence: UInt64(sequence)).item) }
        let before = try await scene.ledger.run { try $0.balance(of: $0.hosts[0].address) }

        try await Self.passWork(scene)
        let record = try #require(try await Self.claim(scene, round))
        let entry = try #require(record.entries.first)
        #expect(record.entries.count == 1)
        #expect((entry.count, entry.fee) == (7, Amount(Self.sum(items))))
        #expect(entry.tokens == items.reduce(0) { $0 + $1.item.outputTokens })
        #expect(entry.sessions.map(\.count) == [5, 2])
        let leaves = items.map {
            SumTreeNode(item: $0.item.encoded(), sums: ItemSums(fee: $0.item.fee, tokens: $0.item.outputTokens))
        }
        #expect(entry.root == (try SumTree(leaves).claim.root))

        try await crowd.settle(round)
        let after = try await scene.ledger.run { try $0.balance(of: $0.hosts[0].address) }
        let tax = [items[..<5], items[5...]].map { Self.sum(Array($0)) / 50 }.reduce(0, +)
        #expect(after.ngonka - before.ngonka == Self.sum(items) - tax)
    }

    @Test("Each round claims what came after the last one, numbers without gaps")
    func rounds() async throws {
        let scene = try await HostScene()
        for (claimed, sequence) in [(1, 1), (2, 2), (3, 3)] as [(UInt64, UInt64)] {
            let round = try await scene.view.current().round.id
            try await scene.ask(sequence: sequence)
            try await Self.passWork(scene)
            let part = try #require(try await Self.claim(scene, round)?.entries.first?.sessions.first)
            #expect((part.firstNumber, part.count) == (claimed, 1))
        }
    }

    @Test("A missed window is claimed a round later")
    func missedWindow() async throws {
        let scene = try await HostScene()
        let round = try await scene.view.current().round
        let first = try await scene.ask(sequence: 1).item
        let end = round.timetable.window(.commit).upperBound
        // The host is away for the whole window.
        try await scene.ledger.run { try $0.advance(to: end) }
        try await scene.keeper.step()
        #expect(try await Self.claim(scene, round.id) == nil)
        let next = try await scene.view.current().round.id
        let second = try await scene.ask(sequence: 2).item
        try await Self.passWork(scene)
        let entry = try #require(try await Self.claim(scene, next)?.entries.first)
        #expect((entry.count, entry.fee.ngonka) == (2, Self.sum([first, second])))
    }

    @Test("An answer that gets lost is found on the ledger, not sent twice")
    func lostAnswer() async throws {
        let scene = try await HostScene()
        let round = try await scene.view.current().round
        try await scene.ask(sequence: 1)
        try await scene.ledger.run { try $0.advance(to: round.timetable.window(.commit).lowerBound - 1) }
        _ = try await scene.ledger.run { try $0.block() }
        await scene.ledger.loseAnswers(1)
        await #expect(throws: LedgerAccessError.self) { try await scene.keeper.step() }
        try await scene.keeper.step()
        #expect(try await Self.claim(scene, round.id)?.entries.first?.count == 1)
        #expect(await scene.ledger.submissions == 1)
    }

    @Test("A failing node is tried again inside the window, once a block")
    func retries() async throws {
        let scene = try await HostScene()
        let round = try await scene.view.current().round
        try await scene.ask(sequence: 1)
        try await scene.ledger.run { try $0.advance(to: round.timetable.window(.commit).lowerBound) }
        await scene.ledger.fail(1)
        await #expect(throws: LedgerAccessError.self) { try await scene.keeper.step() }
        try await scene.keeper.step()
        #expect(try await Self.claim(scene, round.id) != nil)
    }

    @Test("A crash at any moment of the commit neither loses nor repeats a claim", arguments: [false, true])
    func crashAroundCommit(wasSent: Bool) async throws {
        let scene = try await HostScene()
        let round = try await scene.view.current().round
        let item = try await scene.ask(sequence: 1).item
        try await scene.ledger.run { try $0.advance(to: round.timetable.window(.commit).lowerBound) }
        if wasSent { try await scene.keeper.step() }
        let again = try await scene.restarted()
        try await again.keeper.step()
        #expect(await scene.ledger.submissions == 1)
        let current = try await again.view.current().round.id
        let next = try await again.ask(sequence: 2).item
        #expect(next.serving?.number == 2)
        try await Self.passWork(again)
        let claims = try await [Self.claim(again, round.id), Self.claim(again, current)].map {
            $0?.entries.first?.fee
        }
        #expect(claims == [item.item.fee, next.item.fee])
    }

    @Test("Sessions beyond a claim's bound wait a round; those that close go first")
    func manySessions() async throws {
        var plan = TestLedgerPlan()
        plan.parameters.rounds.sessionsPerClaimMax = 1
        let scene = try await HostScene(plan: plan)
        let round = try await scene.view.current().round.id
        try await scene.ask(session: 1)
        try await scene.ask(session: 2)
        let payer = scene.payer
        _ = try await scene.ledger.run { try $0.run(MsgCloseSession(payer: payer.address, session: 2), by: payer) }
        try await Self.passWork(scene)
        #expect(try await Self.claim(scene, round)?.entries.first?.sessions.map(\.session) == [2])
        let next = try await scene.view.current().round.id
        try await Self.passWork(scene)
        #expect(try await Self.claim(scene, next)?.entries.first?.sessions.map(\.session) == [1])
    }

    @Test("Items of a session that closed unclaimed are dropped, and the others claimed")
    func closedSession() async throws {
        let scene = try await HostScene()
        let payer = scene.payer
        try await scene.ask(session: 1)
        try await scene.ledger.run { ledger in
            try ledger.run(MsgCloseSession(payer: payer.address, session: 1), by: payer)
            // The host is away until the session is closed for good.
            while try ledger.session(1)?.state != .closed { try ledger.block() }
        }
        try await scene.keeper.step()
        #expect(try await scene.store.item(1, number: 1) == nil)
        #expect(await scene.store.sessions.contains(1) == false)
        let round = try await scene.view.current().round.id
        try await scene.ask(session: 2)
        try await Self.passWork(scene)
        #expect(try await Self.claim(scene, round)?.entries.first?.sessions.map(\.session) == [2])
    }

    @Test("An item is disclosed once its open window is over, and its proof holds against the ledger's claim")
    func disclosure() async throws {
        let scene = try await HostScene()
        let round = try await scene.view.current().round
        var items: [FinishedItem] = []
        for sequence in 1...3 { items.append(try await scene.ask(sequence: UInt64(sequence)).item) }
        items.append(try await scene.ask(session: 2).item)
        await #expect(throws: OpenAIError.itemNotOpened) { try await scene.registry.disclosure(session: 1, number: 2) }
        await #expect(throws: OpenAIError.itemNotFound) { try await scene.registry.disclosure(session: 1, number: 4) }
        await #expect(throws: OpenAIError.itemNotFound) { try await scene.registry.disclosure(session: 9, number: 1) }
        try await scene.advance(to: round.timetable.window(.open).upperBound)
        await #expect(throws: OpenAIError.itemNotOpened) { try await scene.registry.disclosure(session: 1, number: 2) }
        try await scene.advance(to: round.timetable.window(.open).upperBound + 1)

        let entry = try #require(try await Self.claim(scene, round.id)?.entries.first)
        for host in [scene, try await scene.restarted()] {
            for (index, item) in items.enumerated() {
                let serving = try #require(item.serving)
                let shown = try await host.registry.disclosure(session: serving.session, number: serving.number)
                #expect(shown.item == item)
                #expect(shown.round == round.id)
                #expect(shown.proof.index == UInt64(index))
                let leaf = SumTreeNode(
                    item: item.item.encoded(), sums: ItemSums(fee: item.item.fee, tokens: item.item.outputTokens))
                let claim = SumTreeClaim(
                    root: entry.root, count: entry.count, sums: ItemSums(fee: entry.fee, tokens: entry.tokens))
                _ = try shown.proof.verify(leaf, in: claim)
                let fingerprint = try #require(Fingerprint(bytes: shown.item.answer.fingerprint))
                #expect(fingerprint.commitment(salt: shown.item.answer.salt) == item.item.fingerprintCommitment)
            }
        }
    }

    @Test("Request and answer go when the claim is settled, the proof some rounds later; what is owed stays known")
    func retention() async throws {
        var limits = Limits()
        limits.settledRoundsKept = 1
        let scene = try await HostScene(limits: limits)
        let round = try await scene.view.current().round
        let item = try await scene.ask(amount: 400_000).item
        let settleHeight = round.timetable.settleHeight
        try await scene.advance(to: settleHeight - 1)
        #expect(try await scene.store.item(1, number: 1) == item)
        try await scene.settle(round.id)
        #expect(try await scene.store.item(1, number: 1) == item.proofOnly)
        #expect(!ItemStoreTests.isDurable(item, in: scene.folder))
        for scene in [scene, try await scene.restarted()] {
            let shown = try await scene.registry.disclosure(session: 1, number: 1)
            #expect(shown.item.item == item.item)
            #expect(shown.item.answer.fingerprint == item.answer.fingerprint)
            #expect(shown.item.body.isEmpty)
        }
        try await scene.settle(await scene.ledger.run { $0.roundID(round.serial + 2) })
        #expect(try await scene.store.item(1, number: 1) == nil)
        // Only the current file is left, and a restart goes on from it.
        let again = try await scene.restarted()
        #expect(try await again.ask(sequence: 2, amount: 400_000).item.serving?.number == 2)
        // The forgotten item is still owed.
        await #expect {
            try await again.ask(sequence: 3, amount: 400_000)
        } throws: {
            ($0 as? OpenAIError)?.code == .voucherAmountTooLow
        }
    }

    @Test("A host that lost its log claims what it serves from then on")
    func lostLog() async throws {
        let scene = try await HostScene()
        try await scene.ask(sequence: 1)
        try await Self.passWork(scene)
        let again = try await HostScene(engine: scene.engine, ledger: scene.ledger)
        let round = try await again.view.current().round.id
        let item = try await again.ask(sequence: 2).item
        #expect(item.serving?.number == 2)
        try await Self.passWork(again)
        let part = try #require(try await Self.claim(again, round)?.entries.first?.sessions.first)
        #expect((part.firstNumber, part.count) == (2, 1))
    }
}
