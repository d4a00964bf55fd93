import Foundation
import Ledger
import Messages
import OrderingAPI
import Primitives
import ProtocolRules
import StateStore
import SwiftProtobuf
import Synchronization
import TestSupport
import Testing

@testable import ABCIServer

/// What each call does to the ledger, and what it leaves alone.
@Suite struct ApplicationTests {
    /// One node after `InitChain`, and what can be sent to its ledger.
    private struct Scene {
        let service: ABCIService
        let ledger: TestLedger

        init(_ application: sending any ConsensusApplication) async throws {
            ledger = try TestLedger()
            ledger.duties?.feedsBeacon = true
            service = ABCIService(
                application: ABCIApplication(application: application, logger: RunningServer.silent),
                terms: ABCITerms(version: "test", protocolVersion: 1, retainedBlocks: 2))
            _ = try await service.answer(.with { $0.initChain = ApplicationTests.genesis(ledger.genesis) })
        }

        /// Executes what the test's ledger executes, up to the first block of validators' secrets: each is a duty.
        func advanceToDuties() async throws {
            while !ledger.parameters.beaconSchedule.isLast(ledger.height + 1) {
                try ledger.block()
                let block = try #require(ledger.blocks.last)
                _ = try await finalize(
                    .with {
                        $0.txs = block.transactions.map { .init($0) }
                        $0.hash = .init(block.hash.bytes)
                        $0.height = Int64(block.height)
                    })
                _ = try await commit()
            }
        }

        init() async throws { try await self.init(try LedgerApp(storage: MemoryStorage())) }

        /// A valid proposal of the next block: the duties that are due, and three transfers.
        func proposal() throws -> ABCI_RequestProcessProposal {
            let duties = try (ledger.duties?.due(in: ledger) ?? []).map {
                try ledger.sign([$0.message], by: $0.host.operatorAccount, fee: .zero)
            }
            let transfers = try (0..<3).map { _ in
                try ledger.sign(
                    [MsgSend(from: ledger.accounts[0].address, to: ledger.accounts[1].address, amount: Amount(5))],
                    by: ledger.accounts[0])
            }
            ledger.forgetSigned()
            #expect(duties.isEmpty == !ledger.parameters.beaconSchedule.isLast(ledger.height + 1))
            return .with {
                $0.txs = (duties + transfers).map { .init($0) }
                $0.hash = .init(repeating: 7, count: 32)
                $0.height = Int64(ledger.height) + 1
                $0.time.seconds = 1_700_000_001
                $0.proposedLastCommit = ABCI_CommitInfo()
            }
        }

        func verdict(
            on proposal: ABCI_RequestProcessProposal
        ) async throws -> ABCI_ResponseProcessProposal.ProposalStatus {
            try await service.answer(.with { $0.processProposal = proposal }).processProposal.status
        }

        func finalize(_ proposal: ABCI_RequestProcessProposal) async throws -> ABCI_ResponseFinalizeBlock {
            try await service.answer(
                .with {
                    $0.finalizeBlock.txs = proposal.txs
                    $0.finalizeBlock.hash = proposal.hash
                    $0.finalizeBlock.height = proposal.height
                    $0.finalizeBlock.time = proposal.time
                    $0.finalizeBlock.decidedLastCommit = proposal.proposedLastCommit
                }
            ).finalizeBlock
        }

        func commit() async throws -> Int64 {
            try await service.answer(.with { $0.commit = ABCI_RequestCommit() }).commit.retainHeight
        }

        var height: Int64 {
            get async throws { try await service.answer(.with { $0.info = ABCI_RequestInfo() }).info.lastBlockHeight }
        }
    }

    private static func genesis(_ genesis: InitChainRequest) -> ABCI_RequestInitChain {
        .with {
            $0.chainID = genesis.chainID
            $0.initialHeight = 1
            $0.consensusParams.block = .with { ($0.maxBytes, $0.maxGas) = (5 << 20, -1) }
            $0.time.seconds = Int64(genesis.genesisTimeMilliseconds / 1_000)
            $0.appStateBytes = .init(Bytes("\"\(Base64.encode(genesis.applicationState))\"".utf8))
        }
    }

    // MARK: Blocks

    @Test func onlyACommitMakesABlockLast() async throws {
        let scene = try await Scene()
        let proposal = try scene.proposal()
        #expect(try await scene.verdict(on: proposal) == .accept)
        #expect(try await scene.height == 0)
        let answer = try await scene.finalize(proposal)
        #expect(answer.txResults.count == proposal.txs.count)
        #expect(answer.txResults.allSatisfy { $0.code == 0 })
        #expect(try await scene.height == 0)
        #expect(try await scene.finalize(proposal) == answer, "again, as after a crash")
        #expect(try await scene.commit() == 0)
        #expect(try await scene.height == 1)
    }

    @Test func blocksBehindTheRetainedOnesMayGo() async throws {
        let scene = try await Scene()
        var empty = try scene.proposal()
        empty.txs = []
        var retained: [Int64] = []
        for height in 1...4 {
            empty.height = Int64(height)
            _ = try await scene.finalize(empty)
            retained.append(try await scene.commit())
        }
        #expect(retained == [0, 0, 2, 3])
    }

    @Test func signaturesOfWhatWasJudgedAreNotVerifiedAgain() async throws {
        let verified = Mutex(0)
        let scene = try await Scene(
            CountingLedger(try LedgerApp(storage: MemoryStorage())) { verified.withLock { $0 += 1 } })
        let proposal = try scene.proposal()
        _ = try await scene.verdict(on: proposal)
        #expect(verified.withLock { $0 } == proposal.txs.count)
        _ = try await scene.finalize(proposal)
        #expect(verified.withLock { $0 } == proposal.txs.count)
    }

    @Test func callsOutOfOrderEndItAll() async throws {
        var scene = try await Scene()
        await #expect(throws: ABCIFault.self) { try await scene.commit() }
        scene = try await Scene()
        let proposal = try scene.proposal()
        _ = try await scene.finalize(proposal)
        await #expect(throws: ABCIFault.self) { try await scene.verdict(on: proposal) }
        await #expect(throws: ABCIFault.self, "and stays so") { try await scene.commit() }
        scene = try await Scene()
        _ = try await scene.finalize(proposal)
        var other = proposal
        other.hash = .init(repeating: 8, count: 32)
        await #expect(throws: ABCIFault("two blocks were decided for height 1")) { try await scene.finalize(other) }
        scene = try await Scene()
        var late = proposal
        late.height = 2
        await #expect(throws: ABCIFault("block 2 cannot follow height 0")) { try await scene.finalize(late) }
    }

    // MARK: Validators

    private static func address(_ host: TestHost) -> Data {
        Data(SimulatedConsensus.address(host.consensusKey.publicKey.bytes))
    }

    @Test func genesisTellsWhoHasPower() async throws {
        let ledger = try TestLedger()
        let service = ABCIService(
            application: ABCIApplication(
                application: try LedgerApp(storage: MemoryStorage()), logger: RunningServer.silent),
            terms: RunningServer.terms)
        let answer = try await service.answer(.with { $0.initChain = Self.genesis(ledger.genesis) }).initChain
        #expect(
            Set(answer.validators.map(\.pubKey.ed25519))
                == Set(ledger.hosts.map { Data($0.consensusKey.publicKey.bytes) }))
        #expect(answer.validators.map(\.power).reduce(0, +) == 1_000_000_000)
        #expect(answer.validators.allSatisfy { $0.power >= 333_333_333 })
    }

    @Test(arguments: [
        { $0.initialHeight = 2 }, { $0.consensusParams.block.maxBytes = -1 },
        { $0.consensusParams.block.maxBytes = 100 << 20 }, { $0.consensusParams.block.maxGas = 5 },
        { $0.appStateBytes = Data("{}".utf8) }, { $0.time.seconds = -1 }, { $0.chainID = "other" },
    ] as [@Sendable (inout ABCI_RequestInitChain) -> Void])
    func aGenesisOfAnotherKindIsRefused(change: @Sendable (inout ABCI_RequestInitChain) -> Void) async throws {
        let service = ABCIService(
            application: ABCIApplication(
                application: try LedgerApp(storage: MemoryStorage()), logger: RunningServer.silent),
            terms: RunningServer.terms)
        var genesis = Self.genesis(TestLedgerPlan().request)
        change(&genesis)
        let spoiled = genesis
        await #expect(throws: ABCIFault.self) { try await service.answer(.with { $0.initChain = spoiled }) }
    }

    @Test func aGenesisWithoutWeightHasNoValidators() async throws {
        var plan = TestLedgerPlan()
        plan.weights = [0, 0, 0]
        let request = Self.genesis(plan.request)
        let service = ABCIService(
            application: ABCIApplication(
                application: try LedgerApp(storage: MemoryStorage()), logger: RunningServer.silent),
            terms: RunningServer.terms)
        await #expect(throws: ABCIFault("no host of this genesis has weight, so nobody could be a validator")) {
            try await service.answer(.with { $0.initChain = request })
        }
    }

    /// Absent, signed, signed for no block, and unknown: the last three are there.
    @Test func onlyAnAbsentValidatorIsAbsent() throws {
        let flags: [ABCI_BlockIDFlag] = [.absent, .commit, .nil, .unknown]
        let commit = ABCI_CommitInfo.with {
            $0.votes = flags.enumerated().map { index, flag in
                .with {
                    $0.validator.address = Data(repeating: UInt8(index), count: 20)
                    $0.blockIDFlag = flag
                }
            }
        }
        let facts = [ABCI_MisbehaviorType.duplicateVote, .lightClientAttack, .unknown].map { kind in
            ABCI_Misbehavior.with {
                $0.type = kind
                $0.validator.address = Data([9])
                $0.height = 4
            }
        }
        let news = try ConsensusNews(commit, facts)
        #expect(news.votes.map(\.isPresent) == [false, true, true, true])
        #expect(news.votes.map(\.validator) == (0..<4).map { Bytes(repeating: $0, count: 20) })
        #expect(news.misbehavior.map(\.kind) == [.duplicateVote, .lightClientAttack, .unknown])
        #expect(news.misbehavior.allSatisfy { $0.validator == [9] && $0.height == 4 })
    }

    @Test func whoIsAbsentOrSignsTwiceLosesItsPower() async throws {
        let scene = try await Scene()
        let (absent, twice) = (scene.ledger.hosts[0], scene.ledger.hosts[1])
        var block = ABCI_RequestFinalizeBlock.with { $0.hash = .init(repeating: 1, count: 32) }
        block.decidedLastCommit.votes = scene.ledger.hosts.map { host in
            .with {
                $0.validator.address = Self.address(host)
                $0.blockIDFlag = host.address == absent.address ? .absent : .commit
            }
        }
        var updates: [ABCI_ValidatorUpdate] = []
        for height in 1...100 as ClosedRange<Int64> {
            block.height = height
            let request = block
            updates += try await scene.service.answer(.with { $0.finalizeBlock = request }).finalizeBlock
                .validatorUpdates.filter { $0.power == 0 }
            _ = try await scene.commit()
        }
        #expect(updates.map(\.pubKey.ed25519) == [Data(absent.consensusKey.publicKey.bytes)])
        block.height = 101
        block.misbehavior = [
            .with {
                $0.type = .duplicateVote
                $0.validator.address = Self.address(twice)
                $0.height = 99
            }
        ]
        let request = block
        let answer = try await scene.service.answer(.with { $0.finalizeBlock = request }).finalizeBlock
        #expect(answer.validatorUpdates.map(\.pubKey.ed25519) == [Data(twice.consensusKey.publicKey.bytes)])
        #expect(answer.validatorUpdates.map(\.power) == [0])
        #expect(answer.events.map(\.type).contains("host_convicted"))
    }

    // MARK: Proposals

    /// One thing about a valid proposal is changed. What CometBFT answers for (hash, time) is not ours to refuse.
    private static let changes:
        [(name: String, isValid: Bool, change: @Sendable (inout ABCI_RequestProcessProposal) -> Void)] = [
            ("nothing", true, { _ in }),
            ("no transactions", true, { $0.txs = [] }),
            ("a transfer less", true, { $0.txs.removeLast() }),
            ("another hash", true, { $0.hash = .init(repeating: 8, count: 32) }),
            ("another time", true, { $0.time.seconds += 60 }),
            ("a transfer that fails", true, { $0.txs.swapAt($0.txs.count - 1, $0.txs.count - 2) }),
            ("a transaction twice", false, { $0.txs.append($0.txs[$0.txs.count - 1]) }),
            ("no transaction", false, { $0.txs.append(.init([1, 2, 3])) }),
            ("an empty transaction", false, { $0.txs.append(.init()) }),
            ("a bit of a transaction's length", false, { $0.txs[0] = $0.txs[0].dropLast() }),
            ("a duty behind a transfer", false, { $0.txs.append($0.txs.removeFirst()) }),
            ("more than a block holds", false, { $0.txs += Array(repeating: $0.txs[0], count: 5_000) }),
            ("the next height", false, { $0.height += 1 }),
            ("no height", false, { $0.height = 0 }),
            ("a height below nothing", false, { $0.height = -1 }),
            ("a height beyond everything", false, { $0.height = .max }),
            ("a short hash", false, { $0.hash.removeLast() }),
            ("no hash", false, { $0.hash = .init() }),
            ("a time before 1970", false, { $0.time.seconds = -1 }),
            ("a time beyond everything", false, { $0.time.seconds = .max }),
            ("misbehaviour at no height", false, { $0.misbehavior = [.with { $0.height = -1 }] }),
        ]

    @Test(arguments: changes.indices) func everyNodeSaysTheSameOfAProposal(index: Int) async throws {
        let (name, isValid, change) = Self.changes[index]
        // One node has seen every transaction before, and another proposal; one has just started.
        let (old, new) = (try await Scene(), try await Scene())
        for scene in [old, new] { try await scene.advanceToDuties() }
        let height = try await old.height
        var proposal = try old.proposal()
        for bytes in proposal.txs { _ = try await old.service.answer(.with { $0.checkTx.tx = bytes }) }
        _ = try await old.verdict(on: proposal)
        change(&proposal)
        let verdicts = [try await old.verdict(on: proposal), try await new.verdict(on: proposal)]
        #expect(verdicts == (isValid ? [.accept, .accept] : [.reject, .reject]), "\(name)")
        #expect(try await old.height == height)
    }

    @Test func aProposalIsArrangedFromWhatWaits() async throws {
        let scene = try await Scene()
        try await scene.advanceToDuties()
        let valid = try scene.proposal()
        let prepared = try await scene.service.answer(
            .with {
                $0.prepareProposal.txs = valid.txs.reversed() + valid.txs + [.init([1, 2])]
                $0.prepareProposal.maxTxBytes = 1 << 20
            }
        ).prepareProposal.txs
        #expect(Set(prepared) == Set(valid.txs))
        var proposal = valid
        proposal.txs = prepared
        #expect(try await scene.verdict(on: proposal) == .accept)
    }

    // MARK: What is asked beside

    @Test func aTransactionIsCheckedOnceMoreWhenABlockIsCommitted() async throws {
        let scene = try await Scene()
        let proposal = try scene.proposal()
        let transfer = try #require(proposal.txs.last)
        let early = try await scene.service.answer(.with { $0.checkTx.tx = transfer }).checkTx
        #expect(early.code != 0, "the third of its sender, and the first that is seen")
        for bytes in proposal.txs {
            #expect(try await scene.service.answer(.with { $0.checkTx.tx = bytes }).checkTx.code == 0)
        }
        _ = try await scene.finalize(proposal)
        _ = try await scene.commit()
        let recheck = try await scene.service.answer(
            .with {
                $0.checkTx.tx = transfer
                $0.checkTx.type = .recheck
            }
        ).checkTx
        #expect(recheck.code != 0, "its sequence is used")
    }

    @Test(arguments: [(Int64(0), true), (1, true), (2, false), (-1, false), (.max, false)])
    func onlyTheLastHeightCanBeRead(height: Int64, isKnown: Bool) async throws {
        let scene = try await Scene()
        _ = try await scene.finalize(try scene.proposal())
        _ = try await scene.commit()
        let answer = try await scene.service.answer(
            .with {
                $0.query.path = Data("/store".utf8)
                $0.query.data = .init(StateKey.parameters)
                $0.query.height = height
                $0.query.prove = true
            }
        ).query
        #expect((answer.code == 0) == isKnown)
        #expect(answer.value.isEmpty == !isKnown)
        #expect((answer.proofOps.ops.first?.type == "gonka:state") == isKnown)
        #expect(answer.height == 1)
    }

    @Test func thereAreNoSnapshotsAndNoVoteExtensions() async throws {
        let service = try await Scene().service
        #expect(try await service.answer(.with { $0.listSnapshots = .init() }).listSnapshots.snapshots.isEmpty)
        #expect(try await service.answer(.with { $0.offerSnapshot = .init() }).offerSnapshot.result == .abort)
        #expect(try await service.answer(.with { $0.loadSnapshotChunk = .init() }).loadSnapshotChunk.chunk.isEmpty)
        #expect(try await service.answer(.with { $0.applySnapshotChunk = .init() }).applySnapshotChunk.result == .abort)
        #expect(try await service.answer(.with { $0.extendVote = .init() }).extendVote.voteExtension.isEmpty)
        for (bytes, status) in [([], .accept), ([1], .reject)]
            as [(Bytes, ABCI_ResponseVerifyVoteExtension.VerifyStatus)]
        {
            let answer = try await service.answer(.with { $0.verifyVoteExtension.voteExtension = .init(bytes) })
            #expect(answer.verifyVoteExtension.status == status)
        }
        await #expect(throws: ABCIFault.self) { try await service.answer(ABCI_Request()) }
    }
}

/// A ledger that tells of each signature that is verified beforehand.
private final class CountingLedger: ConsensusApplication {
    private struct Counting: TransactionVerifier {
        let base: any TransactionVerifier
        let count: @Sendable () -> Void

        func verify(_ bytes: Bytes) -> (any VerifiedBytes)? {
            count()
            return base.verify(bytes)
        }
    }

    private let base: LedgerApp
    private let count: @Sendable () -> Void

    init(_ base: LedgerApp, count: @escaping @Sendable () -> Void) { (self.base, self.count) = (base, count) }

    var verifier: (any TransactionVerifier)? { base.verifier.map { Counting(base: $0, count: count) } }
    var snapshot: any CommittedState { base.snapshot }

    func outline(of bytes: Bytes) -> TransactionOutline? { base.outline(of: bytes) }
    func info() -> ApplicationInfo { base.info() }
    func initChain(_ request: InitChainRequest) throws(ApplicationFailure) -> InitChainResponse {
        try base.initChain(request)
    }
    func checkTransaction(_ bytes: Bytes, isRecheck: Bool) -> TransactionResult {
        base.checkTransaction(bytes, isRecheck: isRecheck)
    }
    func adopt(_ verified: [any VerifiedBytes]) { base.adopt(verified) }
    func finalizeBlock(_ block: OrderedBlock) throws(ApplicationFailure) -> BlockResult {
        try base.finalizeBlock(block)
    }
    func commit() throws(ApplicationFailure) { try base.commit() }
    func query(_ request: QueryRequest) -> QueryResponse { base.query(request) }
}
