import Cryptography
import OrderingAPI
import Primitives
import Testing

@testable import SoloOrdering

/// A node that executes another one's blocks.
@Suite(.timeLimit(.minutes(1))) struct FollowerTests {
    /// Blocks of another node, whole or spoiled, and what it does when it is asked.
    private final class Script: BlockSource {
        enum Answer: Sendable {
            case block(BlockRecord)
            case nothing
            case silence
        }

        private let answers = Locked<[Answer]>([])
        private let asked = Locked<[UInt64]>([])

        init(_ answers: [Answer]) { self.answers.withLock { $0 = answers } }

        /// The heights that were asked for, in order.
        var heights: [UInt64] { asked.withLock { $0 } }

        func block(at height: UInt64) async throws -> BlockRecord? {
            asked.withLock { $0.append(height) }
            switch answers.withLock({ $0.isEmpty ? .nothing : $0.removeFirst() }) {
            case .block(let block): return block
            case .nothing: return nil
            case .silence: throw OrderingError.stopped
            }
        }
    }

    /// A node's first blocks, each with a transaction.
    private static func blocks(_ count: UInt64) async throws -> [BlockRecord] {
        let node = try Node()
        var blocks: [BlockRecord] = []
        try await node.running {
            for index in 0..<count {
                let transaction = try await node.commit(Addition(sequence: index, amount: UInt8(index + 1)))
                blocks.append(try #require(try await node.ordering.block(at: transaction.height)))
            }
        }
        return blocks
    }

    @Test func itHasWhatTheOtherHas() async throws {
        let blocks = try await Self.blocks(3)
        let follower = try Node(following: Script(blocks.map { .block($0) }))
        try await follower.running {
            await follower.clock.whenSomebodySleeps(until: Limits().followInterval)
            let status = try await follower.ordering.status()
            #expect((status.tip.height, status.tip.hash) == (3, blocks[2].hash))
            #expect(!status.isCatchingUp)
            #expect(try await follower.ordering.block(at: 2) == blocks[1])
            #expect(await follower.ordering.transaction(.sha256(blocks[1].transactions[0]))?.height == 2)
            let total = try await follower.ordering.query(QueryRequest(path: "", data: [])).value
            #expect(total == .bigEndian(6 as UInt64))
        }
    }

    @Test func itTakesNoTransactions() async throws {
        let follower = try Node(following: Script([]))
        try await follower.running {
            let answer = try await follower.ordering.broadcast(Addition().bytes)
            #expect(answer == MempoolRefusal.follower.result)
            await follower.clock.whenSomebodySleeps(until: Limits().followInterval)
            let status = try await follower.ordering.status()
            #expect(status.tip.height == 0)
        }
    }

    @Test func itGoesOnWhereItStopped() async throws {
        let blocks = try await Self.blocks(3)
        let folder = try ScratchFolder()
        for (script, expected) in [([blocks[0]], 1), ([blocks[1], blocks[2]], 3)] as [([BlockRecord], UInt64)] {
            let source = Script(script.map { .block($0) })
            let follower = try Node(folder: folder, following: source)
            try await follower.running {
                await follower.clock.whenSomebodySleeps(until: Limits().followInterval)
                let status = try await follower.ordering.status()
                #expect(status.tip.height == expected)
            }
            #expect(source.heights.first == expected - UInt64(script.count) + 1)
        }
    }

    /// It does not wait for an answer that may never come.
    @Test func itStopsWhileItAsks() async throws {
        let (asked, ask) = AsyncStream<Void>.makeStream()
        let follower = try Node(following: Silent(ask))
        try await follower.running { for await _ in asked { break } }
    }

    private struct Silent: BlockSource {
        let ask: AsyncStream<Void>.Continuation

        init(_ ask: AsyncStream<Void>.Continuation) { self.ask = ask }

        func block(at height: UInt64) async throws -> BlockRecord? {
            ask.yield()
            for await _ in AsyncStream<Void>.makeStream().stream {}
            throw CancellationError()
        }
    }

    @Test func itAsksASilentNodeEverMorePatiently() async throws {
        let blocks = try await Self.blocks(1)
        let source = Script([.silence, .silence, .silence, .block(blocks[0])])
        let follower = try Node(following: source) { $0.followPauseMax = .milliseconds(900) }
        try await follower.running {
            let status = try await follower.ordering.status()
            #expect(status.isCatchingUp)
            for pause in [500, 900, 900, 250] {
                let wakes = follower.clock.elapsed() + .milliseconds(pause)
                await follower.clock.whenSomebodySleeps(until: wakes)
                follower.clock.advance(by: .milliseconds(pause))
            }
            let end = try await follower.ordering.status()
            #expect(end.tip.height == 1 && !end.isCatchingUp)
        }
        #expect(source.heights.prefix(5) == [1, 1, 1, 1, 2])
    }

    /// One thing about the second block is changed; where the hash would tell, also with the hash that the content then has.
    private static let lies: [(name: String, change: @Sendable (BlockRecord) -> BlockRecord)] = [
        ("another transaction", { $0.changed(transactions: [Addition(sequence: 1, amount: 9).bytes]) }),
        ("no transaction", { $0.changed(transactions: []) }),
        ("another time", { $0.changed(timeMilliseconds: $0.timeMilliseconds + 1) }),
        ("a time before the block before", { $0.changed(timeMilliseconds: 0) }),
        ("another app hash before", { $0.changed(appHashBefore: .sha256([1])) }),
        ("another parent", { $0.changed(parentHash: .sha256([1])) }),
        ("another app hash before, hashed", { $0.changed(appHashBefore: .sha256([1])).rehashed }),
        ("another parent, hashed", { $0.changed(parentHash: .sha256([1])).rehashed }),
        ("a time before the block before, hashed", { $0.changed(timeMilliseconds: 0).rehashed }),
        ("another hash", { $0.changed(hash: .sha256([1])) }),
        ("a height left out", { $0.changed(height: 3) }),
        ("a height again", { $0.changed(height: 1) }),
    ]

    @Test(arguments: lies.indices) func itStopsAtTheFirstDifferenceAndKeepsWhatWasRight(index: Int) async throws {
        let (name, lie) = Self.lies[index]
        let blocks = try await Self.blocks(2)
        let folder = try ScratchFolder()
        do {
            let follower = try Node(folder: folder, following: Script([.block(blocks[0]), .block(lie(blocks[1]))]))
            await #expect(throws: OrderingError.self, "\(name)") { try await Self.runUntilItWaits(follower) }
        }
        // Nothing of the lie was written: the true block follows.
        let follower = try Node(folder: folder, following: Script([.block(blocks[1])]))
        try await follower.running {
            await follower.clock.whenSomebodySleeps(until: Limits().followInterval)
            let status = try await follower.ordering.status()
            #expect(status.tip.hash == blocks[1].hash, "\(name)")
        }
    }

    /// Runs until the follower stops by itself, or waits for another block: then it has believed all that it was given.
    private static func runUntilItWaits(_ follower: Node) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await follower.ordering.run() }
            group.addTask {
                await follower.clock.whenSomebodySleeps(until: Limits().followInterval)
                await follower.ordering.stop()
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Its blocks are right in themselves; what they do is another thing here.
    @Test func itStopsWhereTheOtherComputesSomethingElse() async throws {
        let blocks = try await Self.blocks(2)
        let follower = try Node(DriftingApplication(at: 1), following: Script(blocks.map { .block($0) }))
        let failure = await #expect(throws: OrderingError.self) { try await Self.runUntilItWaits(follower) }
        guard case .appHashDiffers(height: 1, recorded: blocks[1].appHashBefore, computed: _) = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
    }
}

extension BlockRecord {
    fileprivate func changed(
        height: UInt64? = nil, timeMilliseconds: UInt64? = nil, parentHash: Hash32? = nil,
        appHashBefore: Hash32? = nil, transactions: [Bytes]? = nil, hash: Hash32? = nil
    ) -> BlockRecord {
        BlockRecord(
            height: height ?? self.height, timeMilliseconds: timeMilliseconds ?? self.timeMilliseconds,
            parentHash: parentHash ?? self.parentHash, appHashBefore: appHashBefore ?? self.appHashBefore,
            transactions: transactions ?? self.transactions, hash: hash ?? self.hash)
    }

    /// With the hash of its content.
    fileprivate var rehashed: BlockRecord { changed(hash: BlockHash.compute(self, chainID: genesis.chainID)) }
}
