import HTTPEdge
import Ledger
import Logging
import Metrics
import NodeServer
import OrderingAPI
import OrderingMetrics
import Primitives
import ServiceLifecycle
import SoloOrdering
import StateDisk

/// A node: ledger, ordering and RPC, in one folder.
struct NodeRuntime: Service {
    let ordering: SoloOrdering
    private let server: NodeServer
    private let onReady: @Sendable (Int) async -> Void

    /// - Parameter folder: holds `state.sqlite` and `blocks.log`.
    init(
        folder: String, genesis: InitChainRequest, address: EdgeServer.Address, pace: BlockPace,
        following source: (any BlockSource)? = nil, metrics: any MetricsFactory = NOOPMetricsHandler.instance,
        logger: Logger,
        onReady: @escaping @Sendable (Int) async -> Void = { _ in }
    ) throws {
        let application = MeasuredApplication(
            try LedgerApp(storage: DiskStorage(path: folder + "/state.sqlite")), metrics: metrics)
        ordering = SoloOrdering(
            application: application, genesis: genesis, blockFile: folder + "/blocks.log", pace: pace,
            following: source, metrics: metrics, logger: logger)
        server = NodeServer(address: address, ordering: ordering, logger: logger)
        self.onReady = onReady
    }

    /// Runs until the group shuts down: the server stops taking requests first, the block at work is finished last.
    func run() async throws {
        try await ordering.start()
        try await withThrowingTaskGroup(of: Void.self) { [ordering, server, onReady] group in
            group.addTask { try await ordering.run() }
            group.addTask {
                try await server.run(onReady: onReady)
                await ordering.stop()
            }
            do {
                // The first failure ends both; `waitForAll` would wait for the other, which goes on for as long as it is not told.
                for try await _ in group {}
            } catch {
                await ordering.stop()
                throw error
            }
        }
    }
}
