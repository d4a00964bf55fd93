import Primitives
import StateStore
import Testing

@Suite struct MemoryStorageTests {
    private static func commit(chainID: String = "test", height: UInt64, tree: StateTree = StateTree()) -> StateCommit {
        StateCommit(state: StoredState(chainID: chainID, height: height, tree: tree), changes: [])
    }

    @Test func keepsTheLastCommit() throws {
        let storage = MemoryStorage()
        #expect(storage.load() == nil)
        let tree = StateTree().applying([StateChange(key: [1], value: [2])])
        try storage.commit(MemoryStorageTests.commit(height: 0))
        try storage.commit(MemoryStorageTests.commit(height: 1, tree: tree))
        #expect(storage.load()?.height == 1)
        #expect(storage.load()?.appHash == tree.root)
    }

    @Test func refusesWhatDoesNotFollow() throws {
        let storage = MemoryStorage()
        try storage.commit(MemoryStorageTests.commit(height: 5))
        for height: UInt64 in [0, 4, 5, 7] {
            #expect(throws: StateStorageError.heightOutOfOrder(stored: 5, committed: height)) {
                try storage.commit(MemoryStorageTests.commit(height: height))
            }
        }
        #expect(throws: StateStorageError.otherChain(stored: "test", committed: "other")) {
            try storage.commit(MemoryStorageTests.commit(chainID: "other", height: 6))
        }
        #expect(storage.load()?.height == 5)
    }
}
