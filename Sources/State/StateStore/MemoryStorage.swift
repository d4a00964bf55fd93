/// Keeps the last state in memory: for tests, simulation and measuring what the disk costs. A copy of `state` is a backup.
public final class MemoryStorage: StateStorage {
    public private(set) var state: StoredState?

    public init(_ state: StoredState? = nil) { self.state = state }

    public func load() -> StoredState? { state }

    public func commit(_ commit: StateCommit) throws(StateStorageError) {
        if let state { try commit.checkFollows(chainID: state.chainID, height: state.height) }
        state = commit.state
    }
}
