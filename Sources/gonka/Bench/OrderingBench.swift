import LedgerBenchmarks
import Logging
import OrderingAPI
import Primitives
import SoloOrdering

/// Signed transfers through a node as it runs: broadcast, verified, admitted, ordered, logged, executed, durable.
struct OrderingBench {
    /// Clients that send at once, each the transfers of its own accounts, one after the other.
    private static let clients = 1_024
    /// Blocks come so fast that they do not bound the rate: 2,000 transfers each.
    private static let pace = BlockPace(interval: .milliseconds(60), minimumInterval: .milliseconds(60))
    private static let pause = Duration.milliseconds(1)

    let load: TransferLoad
    let application: @Sendable () throws -> sending any ReplicatedApplication
    let blockFile: String

    /// Transfers per second, from the first that is sent to the last that is in a durable block.
    func run() async throws -> Double {
        var limits = Limits()
        limits.block.transactionsMax = load.blocks.map(\.count).max() ?? 0
        // None may be missed: they are counted.
        limits.subscriptionBlocksMax = 1_024
        let logger = Logger(label: "gonka.bench") { _ in SwiftLogNoOpLogHandler() }
        let ordering = SoloOrdering(
            application: try application(), genesis: load.genesis, blockFile: blockFile, pace: Self.pace,
            limits: limits, logger: logger)
        try await ordering.start()
        let blocks = try await ordering.newBlocks()
        let shares = load.shares(Self.clients)
        let start = ContinuousClock.now
        let end = try await withThrowingTaskGroup(of: ContinuousClock.Instant?.self) { group in
            group.addTask {
                try await ordering.run()
                return nil
            }
            for share in shares {
                group.addTask {
                    try await Self.send(share, to: ordering)
                    return nil
                }
            }
            group.addTask { [count = load.transactionCount] in
                let end = await Self.end(of: count, in: blocks)
                await ordering.stop()
                return end
            }
            var end: ContinuousClock.Instant?
            for try await instant in group { end = instant ?? end }
            return end
        }
        guard let end else { throw OperatorError("the bench's node stopped by itself.") }
        return Double(load.transactionCount) / (start.duration(to: end) / .seconds(1))
    }

    /// When so many transactions were committed.
    private static func end(of count: Int, in blocks: AsyncStream<BlockSummary>) async -> ContinuousClock.Instant {
        var committed = 0
        for await block in blocks {
            committed += block.transactionCount
            if committed >= count { break }
        }
        return .now
    }

    private static func send(_ transactions: [Bytes], to ordering: SoloOrdering) async throws {
        for transaction in transactions {
            var result = try await ordering.broadcast(transaction)
            while result.codespace == MempoolRefusal.codespace {
                try await Task.sleep(for: pause)
                result = try await ordering.broadcast(transaction)
            }
            guard result.isAccepted else { throw OperatorError("a transfer was refused: \(result.log)") }
        }
    }
}
