import StateStore
import Synchronization

/// A disk in memory: it outlives the process that wrote to it.
final class SharedStorage: StateStorage, Sendable {
    private let state = Mutex<StoredState?>(nil)

    func load() -> StoredState? { state.withLock { $0 } }

    func commit(_ commit: StateCommit) throws(StateStorageError) {
        if let state = load() { try commit.checkFollows(chainID: state.chainID, height: state.height) }
        state.withLock { $0 = commit.state }
    }
}
