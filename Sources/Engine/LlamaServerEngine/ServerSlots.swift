import EngineAPI
import Primitives

/// The server's slots, each lent to one request at a time: who comes takes the one that was last used for its scope, and users
/// go before others who wait.
actor ServerSlots {
    /// A slot that is lent.
    struct Lease: Sendable {
        let index: Int
        /// Whether what it read last was this scope's.
        let isOfScope: Bool
    }

    private struct Waiting {
        let id: UInt64
        let scope: Hash32?
        let continuation: CheckedContinuation<Lease, any Error>
    }

    private var free: Set<Int>
    /// [slot]: whose prompt it read last.
    private var scopes: [Hash32?]
    private var lines: [[Waiting]] = [[], [], []]
    private var nextID: UInt64 = 0

    init(count: Int) {
        free = Set(0..<count)
        scopes = Array(repeating: nil, count: count)
    }

    /// Waits for a slot.
    ///
    /// - Throws: `.overloaded` where too many wait already, `.cancelled`.
    func take(_ scope: Hash32?, _ priority: EnginePriority) async throws(EngineError) -> Lease {
        if let lease = lend(to: scope) { return lease }
        let line = Self.line(of: priority)
        guard lines[line].count < Limits.waitingRequests else { throw .overloaded }
        nextID += 1
        let id = nextID
        do {
            return try await withTaskCancellationHandler {
                try await withCheckedThrowingContinuation { continuation in
                    if Task.isCancelled { return continuation.resume(throwing: EngineError.cancelled) }
                    lines[line].append(Waiting(id: id, scope: scope, continuation: continuation))
                }
            } onCancel: {
                Task { await self.forget(id) }
            }
        } catch {
            throw error as? EngineError ?? .cancelled
        }
    }

    /// Ends a lease; the next who waits gets the slot.
    func giveBack(_ lease: Lease) {
        free.insert(lease.index)
        guard let line = lines.indices.first(where: { !lines[$0].isEmpty }) else { return }
        let next = lines[line].removeFirst()
        if let lease = lend(to: next.scope) { next.continuation.resume(returning: lease) }
    }

    private func lend(to scope: Hash32?) -> Lease? {
        let own = scope == nil ? nil : free.first { scopes[$0] == scope }
        // Others' prompts stay where nobody's can go.
        guard let index = own ?? free.filter({ scopes[$0] == nil }).min() ?? free.min() else { return nil }
        free.remove(index)
        scopes[index] = scope
        return Lease(index: index, isOfScope: own != nil)
    }

    private func forget(_ id: UInt64) {
        for line in lines.indices {
            guard let index = lines[line].firstIndex(where: { $0.id == id }) else { continue }
            lines[line].remove(at: index).continuation.resume(throwing: EngineError.cancelled)
        }
    }

    private static func line(of priority: EnginePriority) -> Int {
        switch priority {
        case .user: 0
        case .audit: 1
        case .background: 2
        }
    }
}
