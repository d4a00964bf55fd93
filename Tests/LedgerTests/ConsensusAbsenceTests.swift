import Messages
import OrderingAPI
import Primitives
import ProtocolRules
import StateStore
import TestSupport
import Testing

@testable import Ledger

@Suite("Absence from consensus")
struct ConsensusAbsenceTests {
    private static let quarter: UInt64 = 250_000_000

    /// A block tells of the one before, and the first one of nobody.
    private func scene(
        weights: [UInt64] = [100, 100, 100, 100], epochBlocks: UInt64 = 3_000
    ) throws -> ConsensusScene {
        let scene = try ConsensusScene(weights: weights) { $0.chain.epochBlocks = epochBlocks }
        try scene.block()
        return scene
    }

    private func absence(_ host: Int, _ scene: ConsensusScene) throws -> AbsenceRecord? {
        try scene.ledger.record(AbsenceRecord.self, at: StateKey.absence(scene.ledger.hosts[host].address))
    }

    @Test("The hundredth absence in 200 blocks takes the power, in its block")
    func takesPower() throws {
        let scene = try scene()
        scene.absent = [1]
        try scene.blocks(99)
        #expect(try scene.powers()[1] == Self.quarter && absence(1, scene)?.window?.absences == 99)
        let result = try scene.block()
        #expect(result.validatorUpdates == [ValidatorUpdate(publicKey: scene.key(1), power: 0)])
        #expect(result.events.map(\.type) == ["host_absent"])
        #expect(
            try scene.record(1)
                == ValidatorRecord(host: scene.ledger.hosts[1].address, power: 0, withheld: Self.quarter))
        #expect(try absence(1, scene)?.awaySince == scene.ledger.height && absence(1, scene)?.window?.absences == 0)
        try scene.ledger.app.audit()

        // Consensus hears of it two blocks late; its votes until then count for nothing.
        #expect(scene.consensus.news { _ in true }.votes.count == 4)
        try scene.blocks(5)
        #expect(scene.consensus.news { _ in true }.votes.count == 3)
        #expect(try absence(1, scene)?.window?.absences == 0 && scene.record(1)?.withheld == Self.quarter)
    }

    @Test("Absences that are 200 blocks old count no more, and those who sign are not written down")
    func forgets() throws {
        let scene = try scene()
        scene.absent = [1]
        try scene.blocks(99)
        scene.absent = []
        try scene.blocks(101)
        scene.absent = [1]
        // 99 absences leave the window while as many come into it.
        for _ in 0..<99 {
            try scene.block()
            #expect(try absence(1, scene)?.window?.absences == 99)
        }
        #expect(try scene.powers()[1] == Self.quarter)
        try scene.block()
        #expect(try scene.powers()[1] == 0)
        #expect(try absence(0, scene) == nil && absence(2, scene) == nil)
    }

    @Test("The window goes on where an epoch ends")
    func survivesEpochs() throws {
        let scene = try scene(epochBlocks: 60)
        scene.absent = [1]
        try scene.blocks(50)
        scene.absent = []
        try scene.blocks(90)
        scene.absent = [1]
        try scene.blocks(49)
        #expect(try scene.powers()[1] == Self.quarter)
        try scene.block()
        #expect(try scene.powers()[1] == 0 && scene.ledger.height > 180)
    }

    @Test("Who asks after as many blocks as it was absent from has its power again at once, and its window begins anew")
    func asksBack() throws {
        let scene = try scene()
        scene.absent = [1]
        try scene.blocks(100)
        #expect(try scene.askBack(1).validatorUpdates.isEmpty, "too soon")
        try scene.blocks(98)
        #expect(try absence(1, scene)?.awaySince == scene.ledger.height - 99)
        let result = try scene.askBack(1)
        #expect(result.transactionResults.filter { !$0.isAccepted }.isEmpty)
        #expect(result.validatorUpdates == [ValidatorUpdate(publicKey: scene.key(1), power: Self.quarter)])
        #expect(result.transactionResults[0].events.contains { $0.type == "host_returned" })
        #expect(try absence(1, scene) == nil)
        try scene.ledger.app.audit()
        try scene.blocks(98)
        #expect(try scene.powers()[1] == Self.quarter)
        // Who was not away asks for nothing.
        #expect(try scene.askBack(0).validatorUpdates.isEmpty)
        try scene.blocks(10)
        #expect(try scene.powers()[1] == 0)
    }

    @Test("The block that takes the power does not give it back")
    func asksTooSoon() throws {
        let scene = try scene()
        scene.absent = [1]
        try scene.blocks(99)
        let result = try scene.askBack(1)
        #expect(result.validatorUpdates == [ValidatorUpdate(publicKey: scene.key(1), power: 0)])
        #expect(result.transactionResults.filter { !$0.isAccepted }.isEmpty)
    }

    @Test("Where nobody else is left, who was away has its power again")
    func comesBackAsTheLast() throws {
        let scene = try scene(weights: [100, 100])
        scene.absent = [0]
        try scene.blocks(100)
        #expect(try scene.powers() == [0, 500_000_000])
        let result = try scene.block(misbehavior: [scene.evidence(1, at: 50)])
        #expect(Set(result.validatorUpdates.map(\.power)) == [0, 500_000_000])
        #expect(try scene.powers() == [500_000_000, 0])
        #expect(try absence(0, scene) == nil)
        try scene.ledger.app.audit()
    }

    @Test("In one epoch absence takes a fifth of the power")
    func bounds() throws {
        let scene = try scene(weights: Array(repeating: 100, count: 10), epochBlocks: 240)
        scene.absent = [2, 5, 7]
        try scene.blocks(99)
        #expect(try scene.powers().allSatisfy { $0 == 100_000_000 })
        try scene.block()
        let powers = try scene.powers()
        let away = powers.indices.filter { powers[$0] == 0 }
        #expect(away.count == 2 && Set(away).isSubset(of: [2, 5, 7]))
        try scene.blocks(139)
        #expect(scene.ledger.height == 240)
        #expect(try scene.powers().filter { $0 == 0 }.count == 2)
        // The new epoch has a bound of its own.
        try scene.block()
        let next = try scene.powers()
        #expect([2, 5, 7].allSatisfy { next[$0] == 0 })
        try scene.ledger.app.audit()
    }

    @Test("The strongest goes first; one validator goes whatever it has")
    func takesTheStrongest() throws {
        let scene = try scene(weights: [150, 100, 100, 250, 200, 200], epochBlocks: 150)
        scene.absent = [0, 3]
        try scene.blocks(100)
        #expect(try scene.powers()[3] == 0 && scene.powers()[0] == 150_000_000)
        try scene.blocks(48)
        #expect(try scene.ledger.height == 149 && scene.powers()[0] == 150_000_000)
        try scene.blocks(2)
        #expect(try scene.powers()[0] == 0)
        try scene.ledger.app.audit()
    }

    @Test("A weaker one goes where a stronger does not fit")
    func fillsTheBound() throws {
        let scene = try scene(weights: [150, 100, 50, 250, 250, 200])
        scene.absent = [0, 1, 2]
        try scene.blocks(100)
        #expect(try scene.powers() == [0, 100_000_000, 0, 250_000_000, 250_000_000, 200_000_000])
    }

    @Test("Who came back and went again counts once against an epoch's bound, but it counts")
    func countsOnce() throws {
        let scene = try scene()
        scene.absent = [1]
        try scene.blocks(199)
        try scene.askBack(1)
        #expect(try scene.powers()[1] == Self.quarter)
        scene.absent = [1, 2]
        try scene.blocks(110)
        #expect(try scene.powers() == [Self.quarter, 0, Self.quarter, Self.quarter])
    }

    @Test("The last one stays, epoch after epoch")
    func keepsTheLast() throws {
        let scene = try scene(weights: [100, 100], epochBlocks: 60)
        scene.absent = [0, 1]
        try scene.blocks(400)
        #expect(try scene.powers().filter { $0 == 0 }.count == 1)
        #expect(scene.told().filter { $0 > 0 }.count == 1)
        let stays = try #require(try scene.powers().firstIndex { $0 > 0 })
        try scene.askBack(1 - stays)
        #expect(try scene.powers() == [500_000_000, 500_000_000])
        try scene.ledger.app.audit()
    }

    @Test("A conviction takes what is withheld; a retirement ends it")
    func endsWithholding() throws {
        let scene = try scene()
        scene.absent = [1]
        try scene.blocks(100)
        try scene.block(misbehavior: [scene.evidence(1, at: 1)])
        #expect(try scene.record(1)?.withheld == 0)
        try scene.ledger.app.audit()
        #expect(try scene.askBack(1).validatorUpdates.isEmpty)
        #expect(try scene.powers()[1] == 0)
        let host = scene.ledger.hosts[1]
        try scene.send(MsgRetireHost(host: host.address), by: host.account)
        #expect(try scene.record(1) == nil && absence(1, scene) == nil)
        try scene.ledger.app.audit()
    }

    @Test("Where epochs end, what is withheld moves to those who are there")
    func movesWhatIsWithheld() throws {
        let scene = try EpochScene()
        let away = scene.hosts[1]
        scene.context.write(
            ValidatorRecord(host: away, power: 0, withheld: 400_000_000), at: StateKey.validator(away))
        for host in scene.hosts where host != away {
            scene.context.write(ValidatorRecord(host: host, power: 200_000_000), at: StateKey.validator(host))
        }
        scene.context.write(AbsenceRecord(host: away, awaySince: 7), at: StateKey.absence(away))
        for host in scene.hosts.indices { try scene.prove(host, 100) }
        try scene.close()
        let record = try scene.context.expect(ValidatorRecord.self, at: StateKey.validator(away))
        // All of it would go to the others; no more than a quarter of the whole goes in one epoch.
        #expect(record.power == 0 && record.withheld == 400_000_000 - Self.quarter)
        let others = try scene.powers().reduce(0, +)
        #expect(others + record.withheld == VotingPowerRules.total)
        try Absences.giveBack(to: away, in: &scene.context)
        #expect(
            try scene.context.read(ValidatorRecord.self, at: StateKey.validator(away))?.power ?? 0 == record.withheld)
    }

    @Test("Votes of nobody, or of a key that was given up, count for nothing")
    func ignoresStrangers() throws {
        let scene = try scene()
        let news = ConsensusNews(
            votes: [
                CommitVote(validator: Bytes(repeating: 7, count: 20), isPresent: false),
                CommitVote(validator: [1], isPresent: false),
            ], misbehavior: [])
        try scene.ledger.block(consensus: news)
        let noted = scene.ledger.app.state.tree.scan(prefix: StateTable.absences.prefix).map(\.key)
        #expect(noted.isEmpty)
    }
}
