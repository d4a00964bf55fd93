import Cryptography
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
        let verdict = try await scene.verdict(on: proposal)
        #expect(verdict == .accept)
        await #expect(throws: ABCIFault("Commit without FinalizeBlock"), "a proposal is no decision") {
            try await scene.commit()
        }
        scene = try await Scene()
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
        #expect((answer.proofOps.ops.first?.type == "ics23:simple") == isKnown)
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
