/// Where a request stands in line for a place in the engine. It changes no token: what runs already is not interrupted.
public struct EngineTurn: Sendable, Equatable {
    public var priority: EnginePriority
    /// Whose it is, among those who share the engine. Clients of one priority take turns.
    public var client: UInt32

    public init(_ priority: EnginePriority = .user, client: UInt32 = 0) {
        self.priority = priority
        self.client = client
    }
}

/// Who waits for a place first.
public enum EnginePriority: Sendable, Equatable {
    /// Somebody waits for the answer.
    case user
    /// A duty with a deadline, cheap beside what it checks. Users go first, but not for ever.
    case audit
    /// Work for the gaps: it begins where nobody else waits, and leaves a place free for who comes next.
    case background
}
