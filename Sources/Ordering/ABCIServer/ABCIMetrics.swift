import Metrics

/// What is counted of the calls that CometBFT makes.
public struct ABCIMetrics: Sendable {
    /// One sentence for each name.
    public static let help = [
        "gonka_node_abci_call_seconds": "Time to answer CometBFT's calls, and their number, by method."
    ]

    private let factory: any MetricsFactory

    init(_ factory: any MetricsFactory) { self.factory = factory }

    func record(_ duration: Duration, of request: ABCI_Request) {
        Timer(label: "gonka_node_abci_call_seconds", dimensions: [("method", request.method)], factory: factory)
            .record(duration: duration)
    }
}

extension ABCI_Request {
    /// By ABCI's own word, of which there are sixteen.
    fileprivate var method: String {
        switch value {
        case .echo: "echo"
        case .flush: "flush"
        case .info: "info"
        case .initChain: "init_chain"
        case .query: "query"
        case .checkTx: "check_tx"
        case .commit: "commit"
        case .listSnapshots: "list_snapshots"
        case .offerSnapshot: "offer_snapshot"
        case .loadSnapshotChunk: "load_snapshot_chunk"
        case .applySnapshotChunk: "apply_snapshot_chunk"
        case .prepareProposal: "prepare_proposal"
        case .processProposal: "process_proposal"
        case .extendVote: "extend_vote"
        case .verifyVoteExtension: "verify_vote_extension"
        case .finalizeBlock: "finalize_block"
        case nil: "unknown"
        }
    }
}
