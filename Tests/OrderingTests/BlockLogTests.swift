import DurableFile
import OrderingAPI
import Primitives
import SoloOrdering
import Testing
import WireFormat

@Suite struct BlockLogTests {
    private func open(_ content: Bytes) throws(BlockLogError) -> (log: BlockLog, storage: MemoryStorage) {
        let storage = MemoryStorage(content)
        return (try BlockLog(storage: storage, genesis: genesis, logger: silentLogger), storage)
    }

    /// The error of opening `content`, or nil where it opens.
    private func refusal(of content: Bytes) -> BlockLogError? {
        do throws(BlockLogError) {
            _ = try open(content)
            return nil
        } catch { return error }
    }

    @Test func blocksComeBackAsTheyWereWritten() throws {
        let (content, tips) = try writtenChain(plannedBlocks(12))
        let (log, storage) = try open(content)
        #expect(log.height == 12)
        for tip in tips.dropFirst() { #expect(try log.block(at: tip.height)?.hash == tip.hash) }
        #expect(try log.block(at: 3)?.transactions == plannedBlocks(12)[2])
        #expect(try log.block(at: 0) == nil)
        #expect(try log.block(at: 13) == nil)
        #expect(try log.block(at: .max) == nil)
        #expect(storage.content == content)
    }

    @Test func everyBlockIsOneWriteAndOneSync() throws {
        let storage = MemoryStorage()
        var chain = try openChain(storage, CountingApplication())
        #expect((storage.writeCount, storage.syncCount) == (1, 1))
        try extend(&chain, with: plannedBlocks(7))
        #expect((storage.writeCount, storage.syncCount) == (8, 8))
        #expect(storage.synced == storage.content)
    }

    @Test func whatAKilledProcessDidNotSyncIsSyncedBeforeItIsUsed() throws {
        let (content, tips) = try writtenChain(plannedBlocks(5))
        for length in stride(from: 0, through: content.count, by: 50) {
            let storage = MemoryStorage(content, synced: Bytes(content.prefix(length)))
            let chain = try openChain(storage, CountingApplication())
            #expect(chain.tip == tips.last)
            #expect(storage.synced == content)
            #expect((storage.writeCount, storage.syncCount) == (0, 1))
        }
    }

    @Test func whatCannotBeSyncedIsNotExecuted() throws {
        let (content, _) = try writtenChain(plannedBlocks(5))
        let storage = MemoryStorage(content, synced: Bytes(content.prefix(100)))
        storage.plan(.failedSync(after: 0))
        let disk = CountingApplication.Disk()
        let failure = #expect(throws: BlockLogError.self) { try openChain(storage, CountingApplication(disk: disk)) }
        guard case .storage = failure else { throw failure ?? .failedBefore }
        #expect(disk.state.height == 0)
    }

    @Test func aFileThatGrowsWhileItIsOpenedIsReadAsItWas() throws {
        let (content, _) = try writtenChain(plannedBlocks(2))
        for size in 0...content.count {
            var reader = try FrameReader(
                storage: GrowingStorage(content, sizeAtOpening: size), format: BlockFileFormat.frames)
            while try reader.next() != nil {}
            #expect(reader.position + reader.unreadBytes == UInt64(size))
            if size == content.count { #expect(reader.count == 3) }
        }
    }

    @Test func aFileCutShortAnywhereOpensAtItsLastWholeBlock() throws {
        let (content, tips) = try writtenChain(plannedBlocks(5, padding: 17 << 10))
        #expect(content.count > 64 << 10)
        for length in (content.count - 64 << 10)..<content.count {
            let (log, storage) = try open(Bytes(content.prefix(length)))
            let lastHash = try log.block(at: log.height)?.hash ?? .zero
            guard lastHash == tips[Int(log.height)].hash, storage.content.count <= length else {
                Issue.record("cut to \(length) bytes, the file opens as another chain")
                return
            }
            #expect(storage.content == storage.synced)
        }
    }

    @Test func aFileCutShortWithinItsBeginningStartsOver() throws {
        let (content, _) = try writtenChain([])
        for length in 0..<content.count {
            let (log, storage) = try open(Bytes(content.prefix(length)))
            #expect(log.height == 0)
            #expect(storage.content == content)
        }
    }

    @Test func everyChangedBitIsRefusedWithANamedError() throws {
        let (content, _) = try writtenChain(plannedBlocks(6))
        for bit in 0..<content.count * 8 {
            var changed = content
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            if refusal(of: changed) == nil {
                Issue.record("bit \(bit) of \(content.count * 8) changed and not refused")
            }
        }
    }

    @Test func aSectorOfZerosIsRefusedOrCutOffNeverBelieved() throws {
        let (content, tips) = try writtenChain(plannedBlocks(20, padding: 300))
        for start in stride(from: 0, to: content.count, by: 512) {
            var changed = content
            let sector = start..<min(start + 512, content.count)
            changed.replaceSubrange(sector, with: Bytes(repeating: 0, count: sector.count))
            guard refusal(of: changed) == nil else { continue }
            let (log, _) = try open(changed)
            #expect(sector.upperBound == content.count, "only an end that was never written is cut off")
            #expect(try log.block(at: log.height)?.hash == tips[Int(log.height)].hash)
        }
    }

    @Test func zerosAfterTheLastBlockAreCutOff() throws {
        let (content, _) = try writtenChain(plannedBlocks(3))
        for zeros in [1, 27, 28, 29, 100_000] {
            let (log, storage) = try open(content + Bytes(repeating: 0, count: zeros))
            #expect(log.height == 3)
            #expect(storage.content == content)
        }
    }

    @Test func aFileThatIsSomethingElseIsLeftAlone() throws {
        #expect(refusal(of: Bytes("gonka".utf8)) == nil, "the beginning of a block file")
        #expect(refusal(of: Bytes("SQLite format 3".utf8)) == .notABlockFile)
        #expect(refusal(of: Bytes("gonkablX".utf8)) == .notABlockFile)
        let format2 = BlockFileFormat.frames.preamble.dropLast() + [2]
        #expect(refusal(of: Bytes(format2)) == .unknownFormat(found: 2, known: 1))
    }

    @Test func recordsOutOfPlaceAreRefused() throws {
        let (content, _) = try writtenChain(plannedBlocks(3))
        let log = try open(content).log
        let blocks = try (1...3).map { try #require(try log.block(at: $0)).encoded() }
        let first = (UInt64(0), GenesisRecord(genesis).encoded())
        let other = InitChainRequest(chainID: "other-1", genesisTimeMilliseconds: 1000, applicationState: [1])

        #expect(refusal(of: blockFile([first, (1, blocks[0]), (2, blocks[1]), (3, blocks[2])])) == nil)
        #expect(
            refusal(of: blockFile([first, (1, blocks[0]), (3, blocks[2])]))
                == .unexpectedHeight(found: 3, expected: 2))
        #expect(
            refusal(of: blockFile([first, (1, blocks[0]), (2, blocks[2])]))
                == .unexpectedHeight(found: 3, expected: 2))
        #expect(
            refusal(of: blockFile([(0, GenesisRecord(other).encoded()), (1, blocks[0])]))
                == .otherGenesis(found: "other-1", expected: "test-1"))
        #expect(refusal(of: blockFile([first, (1, [0xff])])) == .undecodable(height: 1, .truncated))
        #expect(refusal(of: blockFile([(0, [0x18, 0x01])])) == .undecodable(height: 0, .wrongWireType(number: 3)))
    }

    @Test func aBlockOfAnotherChainIsRefused() throws {
        let (content, tips) = try writtenChain(plannedBlocks(3))
        let stranger = BlockRecord(
            after: ChainTip(height: 3, hash: tips[2].hash, appHash: tips[3].appHash, timeMilliseconds: 0),
            chainID: genesis.chainID, timeMilliseconds: 9000, transactions: [])
        var longer = content
        LogFrame.append(stranger.encoded(), sequence: 4, to: &longer)
        #expect(
            refusal(of: longer) == .wrongParent(height: 4, found: tips[2].hash, expected: tips[3].hash))
    }

    @Test func aLengthOverTheLimitIsRefusedBeforeAnythingIsRead() throws {
        let payload = Bytes(repeating: 0, count: Limits.recordBytesMax + 1)
        let refused = BlockLogError.recordTooLarge(height: 0, bytes: payload.count)
        let headOnly = blockFile([(0, payload)]).prefix(BlockFileFormat.frames.preamble.count + LogFrame.headLength)
        #expect(refusal(of: Bytes(headOnly)) == refused)
        let genesis = InitChainRequest(chainID: "big", genesisTimeMilliseconds: 1, applicationState: payload)
        let storage = MemoryStorage()
        #expect(throws: BlockLogError.self) {
            try BlockLog(storage: storage, genesis: genesis, logger: silentLogger)
        }
        #expect(storage.content.isEmpty)
    }

    @Test func aFailedWriteOrSyncIsFinalUntilTheFileIsOpenedAgain() throws {
        let faults: [MemoryStorage.Fault] = [
            .tornWrite(after: 0, bytes: 0), .tornWrite(after: 0, bytes: 40), .failedSync(after: 0),
        ]
        for fault in faults {
            let (content, tips) = try writtenChain(plannedBlocks(3))
            var (log, storage) = try open(content)
            let next = BlockRecord(
                after: tips[3], chainID: genesis.chainID, timeMilliseconds: 9000, transactions: [])
            storage.plan(fault)
            #expect(throws: BlockLogError.self) { try log.append(next) }
            let (writes, syncs) = (storage.writeCount, storage.syncCount)
            #expect(throws: BlockLogError.failedBefore) { try log.append(next) }
            #expect((storage.writeCount, storage.syncCount) == (writes, syncs), "nothing is tried again")
            #expect(log.height == 3)
            #expect(try open(storage.synced).log.height == 3)
        }
    }

    @Test func aSecondOpeningOfTheSameFileIsRefusedWithASentence() throws {
        let folder = try ScratchFolder()
        let first = try BlockLog(path: folder.blockFile, genesis: genesis, logger: silentLogger)
        let refused = #expect(throws: BlockLogError.self) {
            try BlockLog(path: folder.blockFile, genesis: genesis, logger: silentLogger)
        }
        #expect(refused == .busy(path: folder.blockFile))
        #expect(refused?.description.contains("stop that one first") == true)
        #expect(first.height == 0)
        #expect(try BlockFileReader(path: folder.blockFile).genesis == genesis, "a reader needs no lock")
    }

    @Test func aFileOnDiskComesBackAndAMissingFolderIsNamed() throws {
        let folder = try ScratchFolder()
        let blocks = plannedBlocks(4)
        for expected in [0, 4] as [UInt64] {
            let log = try BlockLog(path: folder.blockFile, genesis: genesis, logger: silentLogger)
            #expect(log.height == expected)
            var chain = try Chain(application: CountingApplication(), log: log)
            try extend(&chain, with: blocks)
        }
        let missing = #expect(throws: BlockLogError.self) {
            try BlockLog(path: folder.path + "/none/blocks", genesis: genesis, logger: silentLogger)
        }
        #expect(missing?.description.contains("No such file or directory") == true)
    }
}

/// A file that has grown since its size was asked for.
private final class GrowingStorage: LogStorage {
    private let content: Bytes
    private let sizeAtOpening: Int

    init(_ content: Bytes, sizeAtOpening: Int) { (self.content, self.sizeAtOpening) = (content, sizeAtOpening) }

    func size() -> UInt64 { UInt64(sizeAtOpening) }
    func read(at offset: UInt64, count: Int) -> Bytes { Bytes(content.dropFirst(Int(offset)).prefix(count)) }
    func write(_ bytes: Bytes, at offset: UInt64) {}
    func truncate(to size: UInt64) {}
    func sync() {}
}
