import Metrics
import Telemetry

/// What is counted of a node's application.
public struct ApplicationMetrics: Sendable {
    /// One sentence for each name.
    public static let help = [
        "gonka_node_height": "The last block that is committed.",
        "gonka_node_blocks_executed_total":
            "Blocks executed and committed by this process, those of a restart included.",
        "gonka_node_transactions_delivered_total": "Transactions of committed blocks, by what came of them.",
        "gonka_node_transactions_checked_total":
            "Checks for the mempool, of new transactions and again after a block, by what came of them.",
        "gonka_node_block_execution_seconds": "Time to execute a block and to make it durable, by phase.",
    ]

    enum Outcome: String, CaseIterable, Sendable { case accepted, refused }

    let height: Meter
    let blocks: Counter
    let delivered: LabelledCounter<Outcome>
    let checked: LabelledCounter<Outcome>
    let rechecked: LabelledCounter<Outcome>
    let executing: Timer
    let committing: Timer

    init(_ factory: any MetricsFactory) {
        height = Meter(label: "gonka_node_height", factory: factory)
        blocks = Counter(label: "gonka_node_blocks_executed_total", factory: factory)
        delivered = LabelledCounter("gonka_node_transactions_delivered_total", by: "outcome", factory: factory)
        func checks(_ kind: String) -> LabelledCounter<Outcome> {
            LabelledCounter(
                "gonka_node_transactions_checked_total", by: "outcome", [("kind", kind)], factory: factory)
        }
        (checked, rechecked) = (checks("new"), checks("recheck"))
        func timer(_ phase: String) -> Timer {
            Timer(label: "gonka_node_block_execution_seconds", dimensions: [("phase", phase)], factory: factory)
        }
        (executing, committing) = (timer("execute"), timer("commit"))
    }
}
