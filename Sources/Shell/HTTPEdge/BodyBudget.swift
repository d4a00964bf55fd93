import Synchronization

/// What the bodies of all requests in flight may hold together: however many connections there are, and however slowly their
/// bodies come, they do not fill the memory.
public final class BodyBudget: Sendable {
    private let bytesMax: Int
    private let used = Mutex(0)

    /// - Parameter bytesMax: for all bodies together, in bytes.
    public init(bytesMax: Int = EdgeLimits().bodiesBytesMax) { self.bytesMax = bytesMax }

    /// Bytes that requests hold now.
    public var bytesUsed: Int { used.withLock { $0 } }

    /// One request's part, nothing at first.
    public func share() -> Share { Share(of: self) }

    /// What one request's body takes of the budget. It goes back when nobody holds the share any more, so whoever holds the
    /// body holds the share.
    public final class Share: Sendable {
        private let budget: BodyBudget
        private let taken = Mutex(0)

        fileprivate init(of budget: BodyBudget) { self.budget = budget }

        deinit { budget.used.withLock { $0 -= taken.withLock { $0 } } }

        /// Takes `count` bytes more.
        ///
        /// - Returns: false where the budget does not hold them; nothing is taken then.
        func grow(by count: Int) -> Bool {
            let hasRoom = budget.used.withLock { used in
                guard count <= budget.bytesMax - used else { return false }
                used += count
                return true
            }
            if hasRoom { taken.withLock { $0 += count } }
            return hasRoom
        }
    }
}
