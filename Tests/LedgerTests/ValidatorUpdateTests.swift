import Cryptography
import Messages
import OrderingAPI
import Primitives
import StateStore
import TestSupport
import Testing
import WireFormat

@testable import Ledger

@Suite("What consensus is told of powers")
struct ValidatorUpdateTests {
    private let scene: ConsensusScene

    init() throws { scene = try ConsensusScene() }

    private func update(_ host: Int, _ power: UInt64) -> ValidatorUpdate {
        ValidatorUpdate(publicKey: scene.key(host), power: power)
    }

    private func retirement(_ host: Int) throws -> Bytes {
        let host = scene.ledger.hosts[host]
        return try scene.ledger.sign([MsgRetireHost(host: host.address)], by: host.account)
    }

    @Test("Genesis names whoever has weight, and says so again")
    func answersGenesis() throws {
        var plan = TestLedgerPlan()
        plan.weights = [0, 300, 100]
        let storage = MemoryStorage()
        let app = try LedgerApp(storage: storage)
        let first = try app.initChain(plan.request)
        #expect(first.validators.count == 2 && first.validators.reduce(0) { $0 + $1.power } == 1_000_000_000)
        #expect(
            first.validators.map(\.publicKey)
                == plan.hosts.dropFirst().map(\.consensusKey.publicKey.bytes).sorted {
                    $0.lexicographicallyPrecedes($1)
                })
        #expect(try app.initChain(plan.request) == first)
        #expect(try LedgerApp(storage: storage).initChain(plan.request) == first)

        plan.weights = [0, 0, 0]
        #expect(try LedgerApp(storage: MemoryStorage()).initChain(plan.request).validators.isEmpty)
        plan.hostCount = 0
        #expect(try LedgerApp(storage: MemoryStorage()).initChain(plan.request).validators.isEmpty)
    }

    @Test("A block that moves no power tells nothing")
    func tellsNothing() throws {
        #expect(scene.told() == [250_000_000, 250_000_000, 250_000_000, 250_000_000])
        #expect(try scene.block().validatorUpdates.isEmpty)
        let payer = scene.ledger.accounts[0]
        let transfer = MsgSend(from: payer.address, to: scene.ledger.hosts[0].address, amount: Amount(1))
        #expect(try scene.send(transfer, by: payer).validatorUpdates.isEmpty)
    }

    @Test("A retirement and a conviction end power in the block that they are in")
    func endsPowerAtOnce() throws {
        #expect(try scene.block([retirement(2)]).validatorUpdates == [update(2, 0)])
        let result = try scene.block(misbehavior: [scene.evidence(0, at: 1)])
        #expect(result.validatorUpdates == [update(0, 0)])
        #expect(scene.told() == [0, 250_000_000, 0, 250_000_000])
        #expect(try scene.powers() == scene.told())
    }

    @Test("Several changes are told in the order of keys")
    func sorts() throws {
        let result = try scene.block(
            [retirement(0), retirement(3)], misbehavior: [scene.evidence(1, at: 0)])
        let keys = [0, 1, 3].map(scene.key).sorted { $0.lexicographicallyPrecedes($1) }
        #expect(result.validatorUpdates == keys.map { ValidatorUpdate(publicKey: $0, power: 0) })
    }

    @Test("Where all who have power lose it in one block, they go on signing")
    func keepsTheLastSet() throws {
        let before = scene.told()
        let result = try scene.block(try (0..<4).map(retirement))
        #expect(result.transactionResults.filter { !$0.isAccepted }.isEmpty && result.validatorUpdates.isEmpty)
        #expect(try scene.powers() == [0, 0, 0, 0])
        #expect(scene.told() == before)
        #expect(try scene.block().validatorUpdates.isEmpty)
        try scene.ledger.app.audit()
    }

    @Test("The last one convicted keeps its power in consensus alone, until somebody else has power")
    func keepsTheLastOne() throws {
        for host in 0..<3 { try scene.block([retirement(host)]) }
        #expect(scene.told() == [0, 0, 0, 250_000_000])
        let result = try scene.block(misbehavior: [scene.evidence(3, at: 1)])
        #expect(result.events.contains { $0.type == "host_convicted" } && result.validatorUpdates.isEmpty)
        #expect(try scene.powers() == [0, 0, 0, 0] && scene.told()[3] == 250_000_000)
        #expect(
            try scene.ledger.record(HostRecord.self, at: StateKey.host(scene.ledger.hosts[3].address))?.bond
                == Amount(80_000_000_000))
        try scene.ledger.app.audit()

        var context = try ExecutionContext.next(
            over: scene.ledger.app.state, height: scene.ledger.height + 1, hash: .zero, parentHash: .zero)
        let newcomer = scene.ledger.hosts[1].address
        context.write(ValidatorRecord(host: newcomer, power: 1_000_000_000), at: StateKey.validator(newcomer))
        let updates = try ConsensusModule.endBlock(in: &context)
        #expect(Set(updates) == [update(1, 1_000_000_000), update(3, 0)])
        #expect(try ConsensusModule.endBlock(in: &context).isEmpty)
    }

    @Test("With another key a host is another validator")
    func changesKeys() throws {
        var context = try ExecutionContext.next(
            over: scene.ledger.app.state, height: 1, hash: .zero, parentHash: .zero)
        let (old, new) = (scene.key(1), TestHost("other").consensusKey.publicKey.bytes)
        var host = try context.expect(HostRecord.self, at: StateKey.host(scene.ledger.hosts[1].address))
        host.consensusKey = new
        context.write(host, at: StateKey.host(host.address))
        let updates = try ConsensusModule.endBlock(in: &context)
        #expect(
            Set(updates) == [
                ValidatorUpdate(publicKey: old, power: 0), ValidatorUpdate(publicKey: new, power: 250_000_000),
            ])
    }

    @Test("A block that is finalised again, after another one of the same height, answers the same")
    func repeatsItself() throws {
        let app = scene.ledger.app
        let host = scene.ledger.hosts[1]
        let retirement = try scene.ledger.sign([MsgRetireHost(host: host.address)], by: host.account)
        func block(_ salt: String, _ consensus: ConsensusNews) -> OrderedBlock {
            OrderedBlock(
                height: 1, timeMilliseconds: 0, hash: .sha256(utf8: salt), parentHash: .zero,
                transactions: [retirement], consensus: consensus)
        }
        let news = ConsensusNews(votes: [], misbehavior: [scene.evidence(0, at: 0)])
        let first = try app.finalizeBlock(block("a", news))
        #expect(Set(first.validatorUpdates) == [update(0, 0), update(1, 0)])
        #expect(try app.finalizeBlock(block("b", .none)).validatorUpdates == [update(1, 0)])
        #expect(try app.finalizeBlock(block("a", news)) == first)
        #expect(try app.finalizeBlock(block("a", news)) == first)
    }

    @Test("Where epochs end, consensus is told every step")
    func tellsSteps() throws {
        let network = try SimulatedNetwork(hostCount: 5, weights: [100, 100, 100, 100, 0])
        // Two blocks were made to open a session, and moved no power.
        var consensus = try SimulatedConsensus(network.ledger.validators)
        var told = 0
        while network.ledger.height < 125 {
            try network.step(consensus: consensus.news { _ in true })
            let updates = network.ledger.lastResult?.validatorUpdates ?? []
            try consensus.take(updates)
            if !updates.isEmpty {
                told += 1
                #expect(network.ledger.height % 40 == 1, "power moved within an epoch")
            }
        }
        #expect(told >= 1)
        #expect(consensus.validators[network.ledger.hosts[4].consensusKey.publicKey.bytes, default: 0] > 0)
        #expect(consensus.validators == (try network.ledger.powersByKey()))
    }
}

extension TestLedger {
    /// Hosts with power in the state, by their consensus keys.
    func powersByKey() throws -> [Bytes: UInt64] {
        var powers: [Bytes: UInt64] = [:]
        for entry in app.state.tree.scan(prefix: StateTable.validators.prefix) {
            let record = try ValidatorRecord.decode(entry.value)
            guard record.power > 0, let host = try self.record(HostRecord.self, at: StateKey.host(record.host)) else {
                continue
            }
            powers[host.consensusKey] = record.power
        }
        return powers
    }
}
