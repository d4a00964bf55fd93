import ABCIServer
import Ledger
import Logging
import Metrics
import OrderingMetrics
import ServiceLifecycle
import StateDisk

/// A node whose blocks CometBFT orders: the ledger and the door to it, in one folder.
struct ABCIRuntime: Service {
    private let server: ABCIServer
    private let onReady: @Sendable (ABCIAddress) async -> Void

    /// - Parameter folder: holds `state.sqlite`.
    init(
        folder: String, address: ABCIAddress, retainedBlocks: UInt64,
        metrics: any MetricsFactory = NOOPMetricsHandler.instance, logger: Logger,
        onReady: @escaping @Sendable (ABCIAddress) async -> Void
    ) throws {
        server = ABCIServer(
            address: address,
            application: MeasuredApplication(
                try LedgerApp(storage: DiskStorage(path: folder + "/state.sqlite")), metrics: metrics),
            terms: ABCITerms(
                version: Version.number, protocolVersion: UInt64(Version.protocolVersion),
                retainedBlocks: retainedBlocks), metrics: metrics, logger: logger)
        self.onReady = onReady
    }

    /// Runs until the group shuts down; what CometBFT waits for then, it asks again of the next process.
    func run() async throws {
        try await cancelWhenGracefulShutdown { [server, onReady] in try await server.run(onReady: onReady) }
    }
}
