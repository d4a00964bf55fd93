import Cryptography
import Messages
import OrderingAPI
import Primitives
import ProtocolRules
import StateStore
import TestSupport
import Testing
import WireFormat

@testable import Ledger

@Suite("Signing two things for one height")
struct DoubleSigningTests {
    private let scene: ConsensusScene

    init() throws {
        scene = try ConsensusScene()
        try scene.blocks(4)
    }

    private func host(_ index: Int) throws -> HostRecord? {
        try scene.ledger.record(HostRecord.self, at: StateKey.host(scene.ledger.hosts[index].address))
    }

    private func convictions(_ result: BlockResult) -> Int { result.events.count { $0.type == "host_convicted" } }

    /// Its bond after some convictions.
    private func bond(after convictions: Int) -> Amount {
        Amount((0..<convictions).reduce(UInt64(100_000_000_000)) { bond, _ in bond - bond / 5 })
    }

    @Test(
        "It convicts: power, weight, a fifth of the bond, the epoch's emission",
        arguments: [
            (Misbehavior.Kind.duplicateVote, "duplicate_vote"), (.lightClientAttack, "light_client_attack"),
        ])
    func convicts(kind: Misbehavior.Kind, name: String) throws {
        let result = try scene.block(misbehavior: [scene.evidence(1, at: 3, kind)])
        let address = scene.ledger.hosts[1].address
        #expect(result.events.map(\.type) == ["host_misbehaved", "host_convicted"])
        #expect(
            result.events.first
                == Event(
                    "host_misbehaved",
                    [.init("host", address.bech32), .init("kind", name), .init("height", "3")]))
        #expect(result.validatorUpdates == [ValidatorUpdate(publicKey: scene.key(1), power: 0)])
        #expect(try host(1)?.bond == bond(after: 1) && host(1)?.barredUntilEpoch == 2)
        let weight = StateKey.weight(model: scene.ledger.model, host: address)
        #expect(try scene.ledger.record(WeightRecord.self, at: weight)?.weight == 0)
        #expect(
            try scene.ledger.record(HostEpochRecord.self, at: StateKey.hostEpoch(1, host: address))?.isConvicted == true
        )
        try scene.ledger.app.audit()
    }

    @Test("Once for all that was signed until the conviction reached consensus")
    func convictsOnce() throws {
        let evidence = scene.evidence(1, at: 3)
        #expect(convictions(try scene.block(misbehavior: [evidence, evidence, scene.evidence(1, at: 4)])) == 1)
        let height = scene.ledger.height
        try scene.blocks(3)
        let old = [evidence, scene.evidence(1, at: 2), scene.evidence(1, at: height + 1, .lightClientAttack)]
        #expect(convictions(try scene.block(misbehavior: old)) == 0)
        #expect(try host(1)?.bond == bond(after: 1))
        // What it signs after that is another cause.
        #expect(convictions(try scene.block(misbehavior: [scene.evidence(1, at: height + 2)])) == 1)
        #expect(try host(1)?.bond == bond(after: 2))
    }

    @Test("Nobody is held to what cannot be told")
    func ignores() throws {
        let stranger = SimulatedConsensus.address(TestHost("stranger").consensusKey.publicKey.bytes)
        let result = try scene.block(misbehavior: [
            Misbehavior(kind: .duplicateVote, validator: stranger, height: 2),
            Misbehavior(kind: .duplicateVote, validator: [], height: 2),
            scene.evidence(1, at: 2, .unknown),
            scene.evidence(1, at: scene.ledger.height + 1),
            scene.evidence(1, at: .max),
        ])
        #expect(result.events.isEmpty && result.validatorUpdates.isEmpty)
    }

    @Test("Who is leaving pays, and so does who is gone, which is barred when it comes back")
    func followsWhoLeaves() throws {
        for index in [1, 2] {
            let host = scene.ledger.hosts[index]
            try scene.send(MsgRetireHost(host: host.address), by: host.account)
        }
        #expect(convictions(try scene.block(misbehavior: [scene.evidence(1, at: 3)])) == 1)
        #expect(try host(1)?.bond == bond(after: 1))
        while try host(2)?.state != .retired { try scene.block() }
        let result = try scene.block(misbehavior: [scene.evidence(2, at: 3)])
        #expect(convictions(result) == 1 && result.validatorUpdates.isEmpty)
        #expect(try scene.ledger.leaving(of: scene.ledger.hosts[2].address) == bond(after: 1))
        let epoch = scene.ledger.parameters.epochSchedule.index(at: scene.ledger.height)
        let leaver = scene.ledger.hosts[2]
        try scene.send(leaver.registration(models: [scene.ledger.model]), by: leaver.account)
        #expect(try host(2)?.state == .active && host(2)?.barredUntilEpoch == epoch + 1)
        // With the same key it is the same host: what it paid for, it does not pay again.
        #expect(convictions(try scene.block(misbehavior: [scene.evidence(2, at: 4)])) == 0)
        try scene.ledger.app.audit()
    }

    @Test("A key is one host's for ever, and answers from its registration on")
    func bindsKeys() throws {
        let former = scene.ledger.hosts[1]
        try scene.send(MsgRetireHost(host: former.address), by: former.account)
        while try host(1)?.state != .retired { try scene.block() }
        let heir = scene.ledger.accounts[0]
        func registration(with key: ConsensusPrivateKey) -> MsgRegisterHost {
            let statement = ConsensusKeyStatement(chainID: TestLedger.chainID, host: heir.address).encoded()
            return MsgRegisterHost(
                host: heir.address, url: "http://h", operatorKey: heir.key.publicKey.compressed,
                consensusKey: key.publicKey.bytes,
                consensusSignature: key.sign(SigningDomain.consensusKey.digest(statement).bytes), models: [])
        }
        let refused = try scene.send(registration(with: former.consensusKey), by: heir).transactionResults
        #expect(refused.first?.refusal == Refusal("hosts", 4))
        let own = TestHost("heir").consensusKey
        #expect(try scene.send(registration(with: own), by: heir).transactionResults.first?.isAccepted == true)
        let height = scene.ledger.height
        func evidence(at height: UInt64) -> Misbehavior {
            Misbehavior(
                kind: .duplicateVote, validator: SimulatedConsensus.address(own.publicKey.bytes), height: height)
        }
        #expect(convictions(try scene.block(misbehavior: [evidence(at: height - 1)])) == 0)
        let result = try scene.block(misbehavior: [evidence(at: height)])
        #expect(result.events.first?.attributes.first == .init("host", heir.address.bech32))
        #expect(convictions(result) == 1)
        // Whose the key was answers for it, long after it left.
        let old = try scene.block(misbehavior: [scene.evidence(1, at: 3)])
        #expect(old.events.first?.attributes.first == .init("host", former.address.bech32))
    }

    @Test("In an epoch's first block it takes of the powers and weights that begin there")
    func convictsAfterTheStep() throws {
        let network = try SimulatedNetwork(hostCount: 5)
        while network.ledger.height < 40 { try network.step() }
        let host = network.ledger.hosts[2]
        let evidence = Misbehavior(
            kind: .duplicateVote, validator: SimulatedConsensus.address(host.consensusKey.publicKey.bytes), height: 39)
        try network.step(consensus: ConsensusNews(votes: [], misbehavior: [evidence]))
        #expect(network.ledger.lastResult?.events.contains { $0.type == "epoch_closed" } == true)
        #expect(try network.ledger.record(ValidatorRecord.self, at: StateKey.validator(host.address))?.power == 0)
        let weight = StateKey.weight(model: network.ledger.model, host: host.address)
        #expect(try network.ledger.record(WeightRecord.self, at: weight)?.weight == 0)
        try network.ledger.app.audit()
    }
}
