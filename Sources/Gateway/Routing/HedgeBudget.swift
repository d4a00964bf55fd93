import Synchronization

/// How often a second host may be asked beside the first: a token bucket that requests fill, so that at most one of twenty is
/// sent twice, and a bad minute cannot use up more than quiet ones have saved.
struct HedgeAllowance: Equatable, Sendable {
    private var requests = 0

    /// A request came.
    mutating func earn() { requests = min(requests + 1, Limits.requestsPerHedge * Limits.hedgesSavedMax) }

    /// - Returns: whether a second host may be asked.
    mutating func take() -> Bool {
        guard requests >= Limits.requestsPerHedge else { return false }
        requests -= Limits.requestsPerHedge
        return true
    }

    /// What was taken and not used.
    mutating func giveBack() {
        requests = min(requests + Limits.requestsPerHedge, Limits.requestsPerHedge * Limits.hedgesSavedMax)
    }
}

/// The allowance that all requests of a gateway share.
final class HedgeBudget: Sendable {
    private let allowance = Mutex(HedgeAllowance())

    func earn() { allowance.withLock { $0.earn() } }
    func take() -> Bool { allowance.withLock { $0.take() } }
    func giveBack() { allowance.withLock { $0.giveBack() } }
}
