import Cryptography
import Ledger
import OrderingAPI
import Primitives
import StateStore

/// Transfers through the ledger alone, one step after the other on one thread: mempool check, block, commit. Whoever gives it a
/// durable storage measures durable blocks.
public struct TransferBenchmark {
    /// What each step took, over all blocks.
    public struct Timings: Sendable {
        public let transactions: Int
        /// Decoding, signature, sequence and fee, before the block.
        public var check = Duration.zero
        /// The same once the signature is known: what a recheck costs.
        public var recheck = Duration.zero
        /// Executing the block and computing its app hash.
        public var finalize = Duration.zero
        /// Making it last.
        public var commit = Duration.zero

        /// Transactions per second through all steps.
        public var perSecond: Double { rate(check + finalize + commit) }
        /// The same where signatures and decoding were done before.
        public var perSecondVerified: Double { rate(finalize + commit) }

        private func rate(_ duration: Duration) -> Double { Double(transactions) / (duration / .seconds(1)) }
    }

    private let app: LedgerApp
    private let load: TransferLoad
    private let clock = ContinuousClock()

    /// Opens a ledger with the load's genesis; not part of what is measured.
    public init(_ load: TransferLoad, storage: any StateStorage) throws(ApplicationFailure) {
        self.load = load
        app = try LedgerApp(storage: storage)
        _ = try app.initChain(load.genesis)
    }

    /// Runs all blocks; once only, as their transactions are then used up.
    public func run() throws(ApplicationFailure) -> Timings {
        var timings = Timings(transactions: load.transactionCount)
        for (index, transactions) in load.blocks.enumerated() {
            timings.check += try measure { () throws(ApplicationFailure) in try check(transactions, isRecheck: false) }
            // An empty block makes the mempool forget what it assumed.
            try finish(OrderedBlock(height: UInt64(2 * index + 1), transactions: []))
            timings.recheck += try measure { () throws(ApplicationFailure) in try check(transactions, isRecheck: true) }
            let block = OrderedBlock(height: UInt64(2 * index + 2), transactions: transactions)
            timings.finalize += try measure { () throws(ApplicationFailure) in
                let results = try app.finalizeBlock(block).transactionResults
                if let refused = results.first(where: { !$0.isAccepted }) { throw ApplicationFailure(refused.log) }
            }
            timings.commit += try measure { () throws(ApplicationFailure) in try app.commit() }
        }
        return timings
    }

    private func check(_ transactions: [Bytes], isRecheck: Bool) throws(ApplicationFailure) {
        for transaction in transactions {
            let result = app.checkTransaction(transaction, isRecheck: isRecheck)
            if !result.isAccepted { throw ApplicationFailure(result.log) }
        }
    }

    private func finish(_ block: OrderedBlock) throws(ApplicationFailure) {
        _ = try app.finalizeBlock(block)
        try app.commit()
    }

    private func measure(
        _ body: () throws(ApplicationFailure) -> Void
    ) throws(ApplicationFailure) -> Duration {
        let start = clock.now
        try body()
        return start.duration(to: clock.now)
    }
}

extension OrderedBlock {
    /// A block whose hash follows from its height: only draws read it, and only the first has no parent.
    init(height: UInt64, transactions: [Bytes], consensus: ConsensusNews = .none) {
        self.init(
            height: height, timeMilliseconds: 0, hash: .sha256(.bigEndian(height)),
            parentHash: height > 1 ? .sha256(.bigEndian(height - 1)) : .zero,
            transactions: transactions, consensus: consensus)
    }
}
