import Ledger
import Messages
import OrderingAPI
import StateStore
import WireFormat

/// The blocks around the end of an epoch, one after the other on one thread, in memory. They hold no transactions, so that what is
/// measured is what the ledger does by itself.
public struct EpochBenchmark {
    /// What one block took: executing it, and its app hash.
    public struct Block: Sendable {
        public let height: UInt64
        public let duration: Duration
    }

    /// All blocks, and which of them the next epoch began with.
    public struct Outcome: Sendable {
        public let blocks: [Block]
        public let nextEpochHeight: UInt64

        /// Of all blocks.
        public var median: Duration { EpochBenchmark.median(blocks.map(\.duration)) }
        /// The block that took longest.
        public var longest: Block? { blocks.max { $0.duration < $1.duration } }
    }

    private let load: EpochLoad
    private let now: () -> Duration

    /// - Parameter now: what to measure with: the time since some moment.
    public init(_ load: EpochLoad, now: @escaping () -> Duration) {
        self.load = load
        self.now = now
    }

    /// Runs the same blocks several times; what a machine did besides lies in the longer times.
    ///
    /// - Parameters:
    ///   - rounds: how often. The shortest time of each block counts.
    ///   - count: blocks to run, those before the epoch's end included.
    public func run(rounds: Int = 1, blocks count: UInt64 = 80) throws(ApplicationFailure) -> Outcome {
        var blocks = try run(blocks: count)
        for _ in 1..<max(1, rounds) {
            blocks = zip(blocks, try run(blocks: count)).map { $0.duration < $1.duration ? $0 : $1 }
        }
        return Outcome(blocks: blocks, nextEpochHeight: load.nextEpochHeight)
    }

    private func run(blocks count: UInt64) throws(ApplicationFailure) -> [Block] {
        let app = try LedgerApp(storage: MemoryStorage(load.state))
        var blocks: [Block] = []
        let first = load.state.height + 1
        for height in first..<first + count {
            let news = ConsensusNews(votes: load.votes, misbehavior: [])
            let block = OrderedBlock(height: height, transactions: [], consensus: news)
            let start = now()
            _ = try app.finalizeBlock(block)
            blocks.append(Block(height: height, duration: now() - start))
            try app.commit()
        }
        try app.audit()
        try checkPaid(app.state)
        return blocks
    }

    /// Blocks in which nobody is paid would measure nothing.
    private func checkPaid(_ state: StoredState) throws(ApplicationFailure) {
        let bytes = state.tree.value(for: StateKey.epoch(EpochLoad.epoch)) ?? []
        let record: EpochRecord
        do throws(WireError) { record = try EpochRecord.decode(bytes) } catch {
            throw ApplicationFailure("the record of the epoch is damaged: \(error)")
        }
        guard record.isProven, record.hosts == UInt64(load.hosts) else {
            throw ApplicationFailure("the epoch did not pay its hosts")
        }
    }

    /// The middle one; of an even number the greater of the two.
    static func median(_ durations: [Duration]) -> Duration {
        durations.isEmpty ? .zero : durations.sorted()[durations.count / 2]
    }
}
