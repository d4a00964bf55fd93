import Cryptography
import Foundation
import Ledger
import OrderingAPI
import Primitives
import StateStore
import SwiftProtobuf
import TestSupport
import Testing

@testable import ABCIServer

/// Calls an application as CometBFT may, for the blocks of a history: any sequence that the grammar of its specification allows
/// ("ABCI++: expected behaviour"), with crashes between any two calls.
///
///     start            = info init-chain heights
///     recovery         = info [init-chain] heights         once for each crash
///     height           = *round finalize-block commit
///     round            = [prepare-proposal [process-proposal]] / [process-proposal]
///
/// Reads and checks of transactions come between any two of them.
struct CallDriver {
    private let history: SoloHistory
    private let storage = SharedStorage()
    private var numbers: SplitMix64
    private var service: ABCIService
    /// The last height whose Commit was answered.
    private var committed: UInt64 = 0
    private(set) var crashes = 0
    private(set) var judged = 0

    init(_ history: SoloHistory, seed: UInt64) throws {
        self.history = history
        numbers = SplitMix64(seed: seed)
        service = try Self.start(on: storage)
    }

    /// Drives the application through all blocks.
    mutating func run() async throws {
        try await shakeHands()
        while committed < UInt64(history.blocks.count) {
            let (block, result) = (history.blocks[Int(committed)], history.results[Int(committed)])
            for _ in 0..<numbers.next() % 4 { try await round(around: block) }
            if try await crashed() { continue }
            try await finalize(block, result)
            if numbers.happens(20) { try await finalize(block, result) }
            if try await crashed() { continue }
            try await readAside()
            try await commit(result)
            _ = try await crashed()
        }
    }

    // MARK: Calls

    private func ask(_ change: (inout ABCI_Request) -> Void) async throws -> ABCI_Response {
        var request = ABCI_Request()
        change(&request)
        // Over the wire and back, as the socket carries it.
        return try await service.answer(try ABCI_Request(serializedBytes: request.serializedBytes() as [UInt8]))
    }

    private mutating func shakeHands() async throws {
        let info = try await ask { $0.info.abciVersion = "2.0.0" }.info
        #expect(info.lastBlockHeight == Int64(committed))
        guard committed == 0 else {
            let hash = history.results[Int(committed) - 1].appHash
            return #expect(Bytes(info.lastBlockAppHash) == hash.bytes)
        }
        let genesis = history.genesis
        let answer = try await ask {
            $0.initChain.chainID = genesis.chainID
            $0.initChain.initialHeight = 1
            $0.initChain.consensusParams.block = .with { ($0.maxBytes, $0.maxGas) = (5 << 20, -1) }
            $0.initChain.time = Self.time(genesis.genesisTimeMilliseconds)
            $0.initChain.appStateBytes = .init(Bytes("\"\(Base64.encode(genesis.applicationState))\"".utf8))
        }
        #expect(answer.initChain.appHash.count == 32)
    }

    private mutating func round(around block: OrderedBlock) async throws {
        try await readAside()
        var proposal = block.transactions
        if numbers.happens(50) {
            // What waits: in any order, some of it twice, some of it no transaction.
            let waiting = (proposal + proposal.prefix(1) + [[1, 2, 3]]).shuffled(using: &numbers)
            let prepared = try await ask {
                $0.prepareProposal.txs = waiting.map { .init($0) }
                $0.prepareProposal.maxTxBytes = 1 << 20
                $0.prepareProposal.height = Int64(block.height)
            }.prepareProposal.txs.map { Bytes($0) }
            #expect(prepared.count == Set(proposal).count)
            if numbers.happens(50) { proposal = prepared }
        }
        guard numbers.happens(70) else { return }
        let hash = numbers.happens(50) ? block.hash : .sha256(.bigEndian(numbers.next()))
        let spoiled = numbers.happens(30)
        let verdict = try await ask {
            $0.processProposal.txs = (proposal + (spoiled ? [[9, 9]] : [])).map { .init($0) }
            $0.processProposal.hash = .init(hash.bytes)
            $0.processProposal.height = Int64(block.height)
            $0.processProposal.time = Self.time(block.timeMilliseconds)
            $0.processProposal.proposedLastCommit = ABCI_CommitInfo()
        }.processProposal.status
        #expect(verdict == (spoiled ? .reject : .accept))
        judged += 1
    }

    private func finalize(_ block: OrderedBlock, _ expected: BlockResult) async throws {
        let answer = try await ask {
            $0.finalizeBlock.txs = block.transactions.map { .init($0) }
            $0.finalizeBlock.hash = .init(block.hash.bytes)
            $0.finalizeBlock.height = Int64(block.height)
            $0.finalizeBlock.time = Self.time(block.timeMilliseconds)
            $0.finalizeBlock.decidedLastCommit = ABCI_CommitInfo()
        }.finalizeBlock
        #expect(answer == ABCI_ResponseFinalizeBlock(expected))
        #expect(Bytes(answer.appHash) == expected.appHash.bytes)
    }

    private mutating func commit(_ expected: BlockResult) async throws {
        #expect(try await ask { $0.commit = ABCI_RequestCommit() }.commit.retainHeight == 0)
        committed += 1
        let info = try await ask { $0.info.abciVersion = "2.0.0" }.info
        #expect(info.lastBlockHeight == Int64(committed))
        #expect(Bytes(info.lastBlockAppHash) == expected.appHash.bytes)
    }

    /// What the other connections may ask at any time: it shows the last commit, and changes nothing.
    private mutating func readAside() async throws {
        for _ in 0..<numbers.next() % 3 {
            switch numbers.next() % 3 {
            case 0:
                let info = try await ask { $0.info.abciVersion = "2.0.0" }.info
                #expect(info.lastBlockHeight == Int64(committed))
            case 1:
                let answer = try await ask { $0.query.path = Data("/store".utf8) }.query
                #expect(answer.height == Int64(committed))
            default:
                let block = history.blocks[Int(numbers.next() % UInt64(history.blocks.count))]
                guard let bytes = block.transactions.first else { continue }
                let isRecheck = numbers.happens(50)
                _ = try await ask {
                    $0.checkTx.tx = .init(bytes)
                    $0.checkTx.type = isRecheck ? .recheck : .new
                }
            }
        }
    }

    // MARK: Crashes

    /// Ends the process now and then; what was not committed is gone.
    private mutating func crashed() async throws -> Bool {
        guard numbers.happens(15) else { return false }
        crashes += 1
        // Before the first block the consensus node may be the one that ended.
        if committed > 0 || numbers.happens(50) { service = try Self.start(on: storage) }
        try await shakeHands()
        return true
    }

    private static func start(on storage: SharedStorage) throws -> ABCIService {
        ABCIService(
            application: ABCIApplication(application: try LedgerApp(storage: storage), logger: RunningServer.silent),
            terms: RunningServer.terms)
    }

    private static func time(_ milliseconds: UInt64) -> Google_Protobuf_Timestamp {
        .with {
            $0.seconds = Int64(milliseconds / 1_000)
            $0.nanos = Int32(milliseconds % 1_000) * 1_000_000
        }
    }
}
