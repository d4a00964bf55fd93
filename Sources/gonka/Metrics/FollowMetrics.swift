import Metrics
import Synchronization

/// What is counted of following another node.
struct FollowMetrics: Sendable {
    /// One sentence for each name.
    static let help = [
        "gonka_node_followed_height": "The last block of the node that is followed, as far as it is known.",
        "gonka_node_followed_lag_blocks": "Blocks that the followed node has and this one has not asked for yet.",
        "gonka_node_followed_errors_total": "Times that the followed node did not answer.",
    ]

    let errors: Counter
    private let height: Meter
    private let lag: Meter

    init(_ factory: any MetricsFactory) {
        errors = Counter(label: "gonka_node_followed_errors_total", factory: factory)
        height = Meter(label: "gonka_node_followed_height", factory: factory)
        lag = Meter(label: "gonka_node_followed_lag_blocks", factory: factory)
    }

    /// - Parameters:
    ///   - own: the last block that this node has.
    ///   - other: the last block that the followed one has.
    func show(own: UInt64, other: UInt64) {
        height.set(other)
        lag.set(other > own ? other - own : 0)
    }
}

/// How far the followed node is, asked for seldom: who is behind asks for a block as often as it can.
final class FollowedHeight: Sendable {
    private static let lookInterval = Duration.seconds(5)

    private let state = Mutex<(height: UInt64, looked: ContinuousClock.Instant?)>((0, nil))

    /// - Parameters:
    ///   - least: a block that the node has.
    ///   - look: asks the node; nil where it does not say.
    func current(atLeast least: UInt64, look: () async -> UInt64?) async -> UInt64 {
        let now = ContinuousClock.now
        let isDue = state.withLock { state in
            guard state.looked.map({ now - $0 >= Self.lookInterval }) ?? true else { return false }
            state.looked = now
            return true
        }
        let seen = isDue ? await look() : nil
        return state.withLock { state in
            state.height = max(state.height, least, seen ?? 0)
            return state.height
        }
    }
}
