import Ledger
import OrderingMetrics
import PrometheusMetrics
import ScrapeReader
import StateStore
import SwiftProtobuf
import Synchronization
import TestSupport
import Testing

@testable import ABCIServer

/// What a node behind CometBFT tells of itself.
@Suite(.timeLimit(.minutes(1))) struct ABCIMetricsTests {
    private static func requests() -> [ABCI_Request] {
        let rubbish = Array("no transaction".utf8)
        return [
            .with { $0.info = ABCI_RequestInfo() },
            .with { $0.initChain = Scene.genesis(TestLedgerPlan().request) },
            .with { $0.checkTx.tx = .init(rubbish) },
            .with {
                $0.finalizeBlock.txs = [.init(rubbish), .init(rubbish)]
                $0.finalizeBlock.hash = .init(repeating: 7, count: 32)
                $0.finalizeBlock.height = 1
                $0.finalizeBlock.time.seconds = 1_700_000_001
            },
            .with { $0.commit = ABCI_RequestCommit() },
            .with { $0.info = ABCI_RequestInfo() },
        ]
    }

    @Test("Calls are counted by method, blocks by what came of them, and no answer is another one for it")
    func calls() async throws {
        let registry = PrometheusRegistry(
            help: ApplicationMetrics.help.merging(ABCIMetrics.help) { first, _ in first })
        let answers = Mutex<[[ABCI_Response]]>([[], []])
        try await RunningServer.run(
            MeasuredApplication(try LedgerApp(storage: MemoryStorage()), metrics: registry), metrics: registry
        ) { address in
            let node = try await SocketNode.connect(to: address)
            for request in Self.requests() {
                let answer = try await node.ask(request)
                answers.withLock { $0[0].append(answer) }
            }
            try await node.close()
        }
        try await RunningServer.run(try LedgerApp(storage: MemoryStorage())) { address in
            let node = try await SocketNode.connect(to: address)
            for request in Self.requests() {
                let answer = try await node.ask(request)
                answers.withLock { $0[1].append(answer) }
            }
            try await node.close()
        }
        #expect(answers.withLock { $0[0] == $0[1] && $0[0].count == 6 })
        let scrape = try Scrape(registry.exposition())
        let counts = ["info": 2, "init_chain": 1, "check_tx": 1, "finalize_block": 1, "commit": 1, "flush": 6]
        for (method, count) in counts {
            #expect(scrape.value("gonka_node_abci_call_seconds_count", ["method": method]) == Double(count))
        }
        #expect(scrape.value("gonka_node_height") == 1)
        #expect(scrape.value("gonka_node_blocks_executed_total") == 1)
        #expect(scrape.value("gonka_node_transactions_delivered_total", ["outcome": "refused"]) == 2)
        #expect(
            scrape.value("gonka_node_transactions_checked_total", ["outcome": "refused", "kind": "new"]) == 1)
        #expect(scrape.faults.isEmpty)
        #expect(scrape.undocumented.isEmpty)
    }
}
