import Cryptography
import Foundation
import OrderingAPI
import Primitives
import SoloOrdering
import Testing
import WireFormat

@Suite struct ReplayTests {
    private let folder: ScratchFolder
    private let blocks = plannedBlocks(12)

    init() throws { folder = try ScratchFolder() }

    private func write(_ content: Bytes) throws -> String {
        try Data(content).write(to: URL(filePath: folder.blockFile))
        return folder.blockFile
    }

    private func tips(_ replay: inout Replay) throws -> [ChainTip] {
        var tips = [replay.tip]
        while let tip = try replay.next() { tips.append(tip) }
        return tips
    }

    @Test func aReplayGivesTheHashesOfTheRun() throws {
        let (content, run) = try writtenChain(blocks)
        let path = try write(content)
        for _ in 0..<2 {
            var replay = try Replay(path: path, application: CountingApplication())
            #expect(replay.genesis == genesis)
            #expect(try tips(&replay) == run)
            #expect(replay.unreadBytes == 0)
        }
    }

    @Test func aRecordCutShortEndsTheReplayAndIsCounted() throws {
        let (content, run) = try writtenChain(blocks)
        var replay = try Replay(path: try write(content.dropLast(5)), application: CountingApplication())
        #expect(try tips(&replay) == run.dropLast())
        #expect(replay.unreadBytes > 0)
        #expect(
            try Data(contentsOf: URL(filePath: folder.blockFile)).count == content.count - 5, "the file is left alone")
    }

    @Test func anApplicationThatComputesSomethingElseIsStoppedAtTheFirstDifference() throws {
        let (content, run) = try writtenChain(blocks)
        var replay = try Replay(path: try write(content), application: DriftingApplication(at: 7))
        let failure = #expect(throws: OrderingError.self) { try tips(&replay) }
        #expect(replay.tip.height == 7)
        #expect(
            failure
                == .appHashDiffers(height: 7, recorded: run[7].appHash, computed: replay.tip.appHash))
        #expect(replay.tip.appHash != run[7].appHash)
    }

    @Test func aContentThatSomebodyElsePutUnderAHashIsRefused() throws {
        let (content, run) = try writtenChain(Array(blocks.prefix(3)))
        let storage = MemoryStorage(content)
        let log = try BlockLog(storage: storage, genesis: genesis, logger: silentLogger)
        let honest = try #require(try log.block(at: 3))
        var forged = honest.encoded()
        // The last byte of the last transaction: an amount.
        forged[forged.count - 1] ^= 1
        let payloads = try [
            GenesisRecord(genesis).encoded(), #require(try log.block(at: 1)).encoded(),
            #require(try log.block(at: 2)).encoded(),
            forged,
        ]
        let path = try write(blockFile(payloads.enumerated().map { (UInt64($0), $1) }))
        var replay = try Replay(path: path, application: CountingApplication())
        let failure = #expect(throws: OrderingError.self) { try tips(&replay) }
        let changed = try BlockRecord.decode(forged)
        let computed = BlockRecord(
            after: run[2], chainID: genesis.chainID, timeMilliseconds: changed.timeMilliseconds,
            transactions: changed.transactions
        ).hash
        #expect(failure == .blockHashDiffers(height: 3, recorded: honest.hash, computed: computed))
    }

    @Test func aReplayNeedsAnApplicationWithoutState() throws {
        let disk = CountingApplication.Disk()
        disk.state.height = 3
        let path = try write(try writtenChain(blocks).content)
        #expect(throws: OrderingError.applicationNotEmpty(height: 3)) {
            try Replay(path: path, application: CountingApplication(disk: disk))
        }
    }

    @Test func aFileThatIsMissingOrUnfinishedIsNamed() throws {
        let missing = #expect(throws: OrderingError.self) {
            try Replay(path: folder.path + "/none", application: CountingApplication())
        }
        #expect(missing?.description.contains("No such file") == true)
        let path = try write(Bytes(try writtenChain([]).content.dropLast()))
        #expect(throws: OrderingError.blockLog(.unfinishedGenesis)) {
            try Replay(path: path, application: CountingApplication())
        }
    }
}

/// Counts one more at one height.
final class DriftingApplication: ReplicatedApplication {
    private let base = CountingApplication()
    private let height: UInt64

    init(at height: UInt64) { self.height = height }

    func info() -> ApplicationInfo { base.info() }

    func initChain(_ request: InitChainRequest) throws(ApplicationFailure) -> InitChainResponse {
        try base.initChain(request)
    }

    func checkTransaction(_ bytes: Bytes, isRecheck: Bool) -> TransactionResult {
        base.checkTransaction(bytes, isRecheck: isRecheck)
    }

    func finalizeBlock(_ block: OrderedBlock) throws(ApplicationFailure) -> BlockResult {
        let result = try base.finalizeBlock(block)
        if block.height != height { return result }
        return BlockResult(
            transactionResults: result.transactionResults, events: result.events,
            appHash: .sha256(result.appHash.bytes))
    }

    func commit() throws(ApplicationFailure) { try base.commit() }

    func query(_ request: QueryRequest) -> QueryResponse { base.query(request) }
}
