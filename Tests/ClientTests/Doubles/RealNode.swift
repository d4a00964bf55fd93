import HTTPEdge
import Ledger
import Logging
import NodeServer
import OrderingAPI
import SoloOrdering
import StateStore
import TestSupport

/// This project's own node, with the real ledger.
enum RealNode {
    /// Runs it on a socket of this machine until `body` has ended, which gets its URL.
    static func run(
        _ plan: TestLedgerPlan, pace: BlockPace = .asSoonAsPossible,
        _ body: @Sendable (String, SoloOrdering) async throws -> Void
    ) async throws {
        let folder = try TemporaryFolder()
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let ordering = SoloOrdering(
            application: try LedgerApp(storage: StateStore.MemoryStorage()), genesis: plan.request,
            blockFile: folder.path + "/blocks.log", pace: pace, logger: logger)
        defer { withExtendedLifetime(folder) {} }
        let server = NodeServer(address: EdgeServer.Address(port: 0), ordering: ordering, logger: logger)
        try await ordering.start()
        let (ports, port) = AsyncStream<Int>.makeStream()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await ordering.run() }
            group.addTask { try await server.run { port.yield($0) } }
            for await bound in ports {
                try await body("http://127.0.0.1:\(bound)", ordering)
                break
            }
            group.cancelAll()
            do { try await group.waitForAll() } catch is CancellationError {}
        }
    }
}
