import OrderingAPI
import Primitives
import SoloOrdering
import Testing

@Suite struct ChainTests {
    private let blocks = plannedBlocks(9)

    /// Goes on after a crash as a new process does, and checks that it ends where a run without a crash ends.
    private func checkRecovery(
        of content: Bytes, _ disk: CountingApplication.Disk, acknowledged: ChainTip, _ comment: Comment
    ) throws {
        let (_, tips) = try writtenChain(blocks)
        let storage = MemoryStorage(content)
        var chain = try openChain(storage, CountingApplication(disk: disk))
        #expect(chain.tip.height >= acknowledged.height, comment)
        #expect(try chain.block(at: acknowledged.height)?.hash ?? .zero == acknowledged.hash, comment)
        #expect(chain.tip == tips[Int(chain.tip.height)], comment)
        try extend(&chain, with: blocks)
        #expect(chain.tip == tips.last, comment)
        #expect(CountingApplication(disk: disk).info().lastBlockAppHash == tips.last?.appHash, comment)
    }

    @Test(arguments: CrashingApplication.Point.allCases, [1, 2, 5, 9])
    func aCrashAroundTheApplicationLosesNothing(_ point: CrashingApplication.Point, _ height: UInt64) throws {
        let (storage, disk) = (MemoryStorage(), CountingApplication.Disk())
        let application = CrashingApplication(CountingApplication(disk: disk), at: point, ofBlock: height)
        var chain = try openChain(storage, application)
        let failure = #expect(throws: OrderingError.self) { try extend(&chain, with: blocks) }
        #expect(failure == .application(height: height, CrashingApplication.crash))
        #expect(chain.tip.height == height - 1, "a block that failed is not acknowledged")
        try checkRecovery(of: storage.synced, disk, acknowledged: chain.tip, "\(point) of block \(height)")
    }

    @Test func aWriteTornAtAnyByteLosesNothing() throws {
        let (content, _) = try writtenChain(blocks)
        let lastFrame = content.count - (try writtenChain(Array(blocks.dropLast()))).content.count
        for kept in 0...lastFrame {
            let (storage, disk) = (MemoryStorage(), CountingApplication.Disk())
            var chain = try openChain(storage, CountingApplication(disk: disk))
            storage.plan(.tornWrite(after: 8, bytes: kept))
            #expect(throws: OrderingError.self) { try extend(&chain, with: blocks) }
            #expect(chain.tip.height == 8)
            #expect(disk.state.height == 8, "nothing is executed before it is durable")
            try checkRecovery(of: storage.content, disk, acknowledged: chain.tip, "torn after \(kept) bytes")
        }
    }

    @Test(arguments: 0..<9) func aFailedSyncLosesNothingWhetherTheDataArrivedOrNot(_ after: Int) throws {
        for arrives in [false, true] {
            let (storage, disk) = (MemoryStorage(), CountingApplication.Disk())
            var chain = try openChain(storage, CountingApplication(disk: disk))
            storage.plan(.failedSync(after: after))
            #expect(throws: OrderingError.self) { try extend(&chain, with: blocks) }
            #expect(disk.state.height == UInt64(after))
            let content = arrives ? storage.content : storage.synced
            try checkRecovery(of: content, disk, acknowledged: chain.tip, "sync \(after), data arrives: \(arrives)")
        }
    }

    @Test func theApplicationCatchesUpFromAnyHeight() throws {
        for lag in 0...blocks.count {
            let (storage, disk) = (MemoryStorage(), CountingApplication.Disk())
            var chain = try openChain(storage, CountingApplication(disk: disk))
            try extend(&chain, with: Array(blocks.prefix(lag)))
            let early = disk.state
            try extend(&chain, with: blocks)
            let tip = chain.tip
            disk.state = early
            let application = CountingApplication(disk: disk)
            var replayed: [UInt64] = []
            let log = try BlockLog(storage: storage, genesis: genesis, logger: silentLogger)
            chain = try Chain(application: application, log: log) { block, result in
                #expect(result.transactionResults.count == block.transactions.count)
                replayed.append(block.height)
            }
            #expect(chain.tip == tip)
            #expect(replayed == Array(UInt64(lag)..<UInt64(blocks.count)).map { $0 + 1 })
        }
    }

    @Test func anApplicationAheadOfTheFileIsRefused() throws {
        let disk = CountingApplication.Disk()
        var chain = try openChain(MemoryStorage(), CountingApplication(disk: disk))
        try extend(&chain, with: blocks)
        let (shorter, _) = try writtenChain(Array(blocks.prefix(6)))
        #expect(throws: OrderingError.applicationAhead(application: 9, blockFile: 6)) {
            try openChain(MemoryStorage(shorter), CountingApplication(disk: disk))
        }
    }

    @Test func anApplicationWithAnotherHistoryOfTheSameLengthIsRefused() throws {
        let (content, tips) = try writtenChain(blocks)
        let disk = CountingApplication.Disk()
        var other = try openChain(MemoryStorage(), CountingApplication(disk: disk))
        try extend(&other, with: plannedBlocks(9, padding: 1))
        #expect(other.tip.height == tips.last?.height)
        let state = disk.state
        #expect(
            throws: OrderingError.otherBlock(height: 9, application: other.tip.hash, blockFile: tips[9].hash)
        ) { try openChain(MemoryStorage(content), CountingApplication(disk: disk)) }
        #expect(disk.state == state)
    }

    @Test(arguments: [0, 4]) func anApplicationOfAnotherChainIsRefused(_ height: Int) throws {
        let (content, tips) = try writtenChain(blocks)
        let disk = CountingApplication.Disk()
        disk.state = CountingApplication.State(
            chainID: "test-2", height: UInt64(height), blockHash: tips[height].hash, appHash: tips[height].appHash)
        #expect(throws: OrderingError.otherChain(application: "test-2", blockFile: "test-1")) {
            try openChain(MemoryStorage(content), CountingApplication(disk: disk))
        }
    }

    @Test func anApplicationThatComputedSomethingElseIsRefusedWithBothHashes() throws {
        let (content, tips) = try writtenChain(blocks)
        let disk = CountingApplication.Disk()
        disk.state = CountingApplication.State(chainID: "test-1", height: 4, blockHash: tips[4].hash)
        #expect(
            throws: OrderingError.appHashDiffers(height: 4, recorded: tips[4].appHash, computed: .zero)
        ) { try openChain(MemoryStorage(content), CountingApplication(disk: disk)) }
    }

    @Test func aGenesisThatTheApplicationRefusesStopsTheStart() throws {
        let empty = InitChainRequest(chainID: "test-1", genesisTimeMilliseconds: 0, applicationState: [])
        let log = try BlockLog(storage: MemoryStorage(), genesis: empty, logger: silentLogger)
        #expect(throws: OrderingError.application(height: 0, ApplicationFailure("The genesis has no state."))) {
            try Chain(application: CountingApplication(), log: log)
        }
    }

    @Test func blockTimeNeverRunsBackwards() throws {
        let storage = MemoryStorage()
        var chain = try openChain(storage, CountingApplication())
        var times: [UInt64] = []
        for time in [500, 2000, 1500, 0, 2001] as [UInt64] {
            _ = try chain.extend(with: [], timeMilliseconds: time)
            times.append(chain.tip.timeMilliseconds)
        }
        #expect(times == [1000, 2000, 2000, 2000, 2001])
    }

    @Test func anApplicationThatForgetsAResultIsStopped() throws {
        var chain = try openChain(MemoryStorage(), ForgetfulApplication())
        let failure = #expect(throws: OrderingError.self) {
            try chain.extend(with: [Addition().bytes], timeMilliseconds: 1)
        }
        #expect(
            failure == .application(height: 1, ApplicationFailure("it gave 0 results for 1 transactions.")))
    }
}

/// Answers every block without results.
private final class ForgetfulApplication: ReplicatedApplication {
    func info() -> ApplicationInfo { .beforeGenesis }
    func initChain(_ request: InitChainRequest) -> InitChainResponse { InitChainResponse(appHash: .zero) }
    func checkTransaction(_ bytes: Bytes, isRecheck: Bool) -> TransactionResult { TransactionResult() }
    func finalizeBlock(_ block: OrderedBlock) -> BlockResult {
        BlockResult(transactionResults: [], events: [], appHash: .zero)
    }
    func commit() {}
    func query(_ request: QueryRequest) -> QueryResponse { QueryResponse(height: 0, appHash: .zero) }
}
