import Primitives
import ProtocolRules
import Synchronization

/// What one request may cost its key and what it did cost: the most is held back when it is let in, and what was charged takes
/// its place when it ends, however it ends. Where nobody charges anything it was free.
///
/// A client that leaves while a host works for it pays the most: the gateway owes the host as much, and a client that could
/// leave before the last token would have all others for nothing.
final class Bill: Sendable {
    private struct State {
        var isSettled = false
        /// Whether a host was asked, which may then claim up to the maximum.
        var isUnderWay = false
    }

    /// The most that is charged.
    let maximum: Amount
    private let settle: @Sendable (Amount, TokenUsage?) -> Void
    private let state = Mutex(State())

    /// - Parameter settle: called exactly once, with what is charged and what it was charged for.
    init(maximum: Amount, settle: @escaping @Sendable (Amount, TokenUsage?) -> Void) {
        self.maximum = maximum
        self.settle = settle
    }

    /// A host is asked.
    func begin() { state.withLock { $0.isUnderWay = true } }

    /// Charges the fees of receipts that the client got; whoever charges first has the word.
    func charge(_ fee: Amount, for usage: TokenUsage? = nil) {
        let isFirst = state.withLock { state in
            defer { state.isSettled = true }
            return !state.isSettled
        }
        if isFirst { settle(min(fee, maximum), usage) }
    }

    /// The client is gone.
    func clientLeft() { charge(state.withLock { $0.isUnderWay } ? maximum : .zero) }

    deinit { if !state.withLock({ $0.isSettled }) { settle(.zero, nil) } }
}
