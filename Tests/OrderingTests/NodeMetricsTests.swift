import AsyncHTTPClient
import Cryptography
import HTTPEdge
import NIOCore
import NIOHTTP1
import OrderingAPI
import OrderingMetrics
import Primitives
import PrometheusMetrics
import ScrapeReader
import SoloOrdering
import Testing

/// What a node tells of itself, over HTTP while it works.
@Suite(.timeLimit(.minutes(1))) struct NodeMetricsTests {
    /// A node whose application and mempool are measured, with the door to its metrics.
    private static func running(
        _ body: (Node, @escaping @Sendable () async throws -> Scrape) async throws -> Void
    ) async throws {
        let registry = PrometheusRegistry(
            help: ApplicationMetrics.help.merging(MempoolMetrics.help) { first, _ in first })
        let node = try Node(
            MeasuredApplication(CountingApplication(), metrics: registry), metrics: registry
        ) { $0.waitingPerSenderMax = 3 }
        let server = MetricsServer(
            address: EdgeServer.Address(port: 0), registry: registry, logger: silentLogger)
        let (ports, bound) = AsyncStream<Int>.makeStream()
        let serving = Task { try await server.run { bound.yield($0) } }
        defer { serving.cancel() }
        for await port in ports {
            return try await body(node) {
                let response = try await HTTPClient.shared.execute(
                    HTTPClientRequest(url: "http://127.0.0.1:\(port)/metrics"), timeout: .seconds(30))
                return try Scrape(String(buffer: try await response.body.collect(upTo: 1 << 20)))
            }
        }
    }

    @Test("Blocks, transactions by what came of them, and time")
    func blocks() async throws {
        try await Self.running { node, scrape in
            #expect(try await scrape().value("gonka_node_blocks_executed_total") == 0)
            var height = 0.0
            try await node.running {
                for sequence in 0..<3 { _ = try await node.commit(Addition(sequence: UInt64(sequence))) }
                _ = try await node.commit(Addition(sequence: 3, amount: Addition.refusedAmount))
                _ = try await node.ordering.broadcast([1, 2, 3])
                height = Double(try await node.ordering.status().tip.height)
            }
            let scrape = try await scrape()
            #expect(scrape.value("gonka_node_height") == height)
            #expect(scrape.value("gonka_node_blocks_executed_total") == height)
            #expect(scrape.value("gonka_node_transactions_delivered_total", ["outcome": "accepted"]) == 3)
            #expect(scrape.value("gonka_node_transactions_delivered_total", ["outcome": "refused"]) == 1)
            let checked = "gonka_node_transactions_checked_total"
            #expect(scrape.value(checked, ["outcome": "accepted", "kind": "new"]) == 4)
            #expect(scrape.value(checked, ["outcome": "refused", "kind": "new"]) == 1)
            for phase in ["execute", "commit"] {
                #expect(scrape.value("gonka_node_block_execution_seconds_count", ["phase": phase]) == height)
            }
            #expect(scrape.faults.isEmpty)
            #expect(scrape.undocumented.isEmpty)
        }
    }

    @Test("What waits, and why the mempool refused")
    func mempool() async throws {
        try await Self.running { node, scrape in
            // No block is made yet.
            try await node.ordering.start()
            for sequence in UInt64(0)..<5 { _ = try await node.ordering.broadcast(Addition(sequence: sequence).bytes) }
            _ = try await node.ordering.broadcast(Addition(sequence: 0).bytes)
            var shown = try await scrape()
            #expect(shown.value("gonka_node_mempool_transactions") == 3)
            #expect(shown.value("gonka_node_mempool_bytes") == 30)
            #expect(shown.value("gonka_node_mempool_refused_total", ["reason": "sender_full"]) == 2)
            #expect(shown.value("gonka_node_mempool_refused_total", ["reason": "known"]) == 1)
            #expect(shown.value("gonka_node_mempool_refused_total", ["reason": "expired"]) == 0)
            try await node.running {
                _ = try await node.ordering.waitForTransaction(
                    .sha256(Addition(sequence: 2).bytes), timeout: .seconds(60))
            }
            shown = try await scrape()
            #expect(shown.value("gonka_node_mempool_transactions") == 0)
            #expect(shown.value("gonka_node_mempool_bytes") == 0)
            #expect(shown.value("gonka_node_transactions_delivered_total", ["outcome": "accepted"]) == 3)
        }
    }

    @Test("A scrape while transactions come in is whole, and a measured chain is the same chain")
    func busy() async throws {
        let plain = try Node()
        try await Self.running { node, scrape in
            for each in [plain, node] {
                try await each.running {
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for _ in 0..<5 {
                            group.addTask {
                                let scrape = try await scrape()
                                #expect(scrape.faults.isEmpty)
                            }
                        }
                        for sequence in 0..<20 { _ = try await each.commit(Addition(sequence: UInt64(sequence))) }
                        try await group.waitForAll()
                    }
                    let total = try await each.ordering.query(QueryRequest(path: "", data: [])).value
                    #expect(total == .bigEndian(20 as UInt64))
                }
            }
        }
    }
}
