import Metrics
import Telemetry

/// What is counted of a mempool.
public struct MempoolMetrics: Sendable {
    /// One sentence for each name.
    public static let help = [
        "gonka_node_mempool_transactions": "Transactions that wait for a block.",
        "gonka_node_mempool_bytes": "Transactions that wait for a block, in bytes.",
        "gonka_node_mempool_refused_total": "Transactions that the mempool refused or dropped, by reason.",
    ]

    private let transactions: Meter
    private let bytes: Meter
    private let refused: LabelledCounter<MempoolRefusal.Label>

    init(_ factory: any MetricsFactory) {
        transactions = Meter(label: "gonka_node_mempool_transactions", factory: factory)
        bytes = Meter(label: "gonka_node_mempool_bytes", factory: factory)
        refused = LabelledCounter("gonka_node_mempool_refused_total", by: "reason", factory: factory)
    }

    func show(_ mempool: Mempool) {
        transactions.set(mempool.count)
        bytes.set(mempool.byteCount)
    }

    func count(_ refusal: MempoolRefusal) { refused.increment(refusal.label) }
}

extension MempoolRefusal {
    enum Label: String, CaseIterable, Sendable {
        case tooLarge = "too_large"
        case known
        case full
        case senderFull = "sender_full"
        case sequenceTaken = "sequence_taken"
        case expired
        case follower
    }

    fileprivate var label: Label {
        switch self {
        case .tooLarge: .tooLarge
        case .alreadyWaiting, .alreadyCommitted: .known
        case .tooManyWaiting, .tooManyBytesWaiting: .full
        case .tooManyOfSender, .tooManyBytesOfSender: .senderFull
        case .sequenceTaken: .sequenceTaken
        case .expired: .expired
        case .follower: .follower
        }
    }
}
