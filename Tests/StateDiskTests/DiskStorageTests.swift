import Foundation
import GRDB
import Primitives
import StateDisk
import StateStore
import Testing

@Suite struct DiskStorageTests {
    @Test(arguments: UInt64(0)..<5)
    func diskAndMemoryHoldTheSame(seed: UInt64) throws {
        let folder = try ScratchFolder()
        let chain = GeneratedChain(seed: seed, blocks: 30, changesPerBlock: 40)
        let memory = MemoryStorage()
        var disk = try DiskStorage(path: folder.path("state.sqlite"))
        #expect(try disk.load() == nil)
        for commit in chain.commits {
            try memory.commit(commit)
            try disk.commit(commit)
            guard commit.state.height.isMultiple(of: 7) else { continue }
            try disk.close()
            disk = try DiskStorage(path: folder.path("state.sqlite"))
            let (stored, expected) = (try #require(try disk.load()), try #require(memory.load()))
            #expect(stored.appHash == expected.appHash)
            #expect(stored.height == expected.height)
            #expect(stored.chainID == expected.chainID)
            #expect(Array(stored.tree.scan()) == Array(expected.tree.scan()))
        }
    }

    @Test func secondOpenerIsRefused() throws {
        let folder = try ScratchFolder()
        let path = folder.path("state.sqlite")
        let first = try DiskStorage(path: path)
        #expect(throws: StateStorageError.inUse(path: path)) { _ = try DiskStorage(path: path) }
        try first.close()
        try first.close()
        #expect(throws: StateStorageError.closed) { _ = try first.load() }
        #expect(throws: StateStorageError.closed) {
            try first.commit(GeneratedChain(seed: 1, blocks: 1, changesPerBlock: 1).commits[0])
        }
        try DiskStorage(path: path).close()
    }

    @Test func commitsOutOfOrderAreRefusedAndChangeNothing() throws {
        let folder = try ScratchFolder()
        let chain = GeneratedChain(seed: 1, blocks: 4, changesPerBlock: 5)
        let disk = try DiskStorage(path: folder.path("state.sqlite"))
        try disk.commit(chain.commits[0])
        try disk.commit(chain.commits[1])
        #expect(throws: StateStorageError.heightOutOfOrder(stored: 1, committed: 1)) {
            try disk.commit(chain.commits[1])
        }
        #expect(throws: StateStorageError.heightOutOfOrder(stored: 1, committed: 3)) {
            try disk.commit(chain.commits[3])
        }
        try disk.commit(chain.commits[2])
        #expect(try disk.load()?.appHash == chain.commits[2].state.appHash)
    }

    @Test func otherFilesAreRefusedAndLeftAlone() throws {
        let folder = try ScratchFolder()
        let text = Data("This is not a database, but it is long enough to be looked at as one.".utf8)
        try folder.write(text + text, "text")
        #expect(throws: StateStorageError.notAState(path: folder.path("text"))) {
            _ = try DiskStorage(path: folder.path("text"))
        }
        #expect(try folder.read("text") == text + text)

        try DiskStorageTests.execute("CREATE TABLE notes (text TEXT)", at: folder.path("other"))
        #expect(throws: StateStorageError.notAState(path: folder.path("other"))) {
            _ = try DiskStorage(path: folder.path("other"))
        }
        #expect(throws: StateStorageError.self) { _ = try DiskStorage(path: folder.path("no/such/folder")) }
    }

    @Test func otherFormatIsRefusedByNumber() throws {
        let folder = try ScratchFolder()
        let path = folder.path("state.sqlite")
        try DiskStorage(path: path).close()
        try DiskStorageTests.execute("PRAGMA user_version = 7", at: path)
        #expect(throws: StateStorageError.otherFormat(stored: 7, supported: 1)) { _ = try DiskStorage(path: path) }
    }

    @Test(arguments: [
        "UPDATE state SET value = x'00' WHERE key = (SELECT min(key) FROM state)",
        "DELETE FROM state WHERE key = (SELECT max(key) FROM state)",
        "INSERT INTO state VALUES (x'FF', x'')",
    ])
    func changedEntriesGiveAnErrorWithBothHashes(statement: String) throws {
        let folder = try ScratchFolder()
        let path = folder.path("state.sqlite")
        let chain = GeneratedChain(seed: 2, blocks: 2, changesPerBlock: 20)
        try DiskStorageTests.write(chain, to: path)
        try DiskStorageTests.execute(statement, at: path)
        let disk = try DiskStorage(path: path)
        do {
            _ = try disk.load()
            Issue.record("a changed state was believed")
        } catch {
            guard case .otherAppHash(let stored, let computed) = error else { throw error }
            #expect(stored == chain.last.appHash)
            #expect(computed != stored)
            #expect(error.description.contains("\(stored)") && error.description.contains("\(computed)"))
        }
    }

    @Test(arguments: [
        "UPDATE meta SET value = substr(value, 1, length(value) - 1)", "UPDATE meta SET value = 'text'",
        "DELETE FROM meta", "DROP TABLE state", "UPDATE state SET value = 'text'",
    ])
    func changedLayoutIsDamage(statement: String) throws {
        let folder = try ScratchFolder()
        let path = folder.path("state.sqlite")
        try DiskStorageTests.write(GeneratedChain(seed: 3, blocks: 2, changesPerBlock: 20), to: path)
        try DiskStorageTests.execute(statement, at: path)
        do {
            _ = try DiskStorage(path: path).load()
            Issue.record("a damaged state was believed")
        } catch {
            guard case .damaged = error else { throw error }
        }
    }

    /// A commit that fails between its writes leaves the state before it, and nothing is written afterwards.
    @Test func failedCommitIsUndoneAndTheLast() throws {
        let folder = try ScratchFolder()
        let path = folder.path("state.sqlite")
        let chain = GeneratedChain(seed: 4, blocks: 3, changesPerBlock: 50)
        try DiskStorageTests.write(chain, to: path, heights: 0..<2)
        let lastKey = try #require(chain.commits[2].changes.last { $0.value != nil }).key
        try DiskStorageTests.execute(
            """
            CREATE TRIGGER failing BEFORE INSERT ON state WHEN NEW.key = x'\(Hex.encode(lastKey))'
            BEGIN SELECT RAISE(ABORT, 'the disk is gone'); END
            """, at: path)
        let disk = try DiskStorage(path: path)
        #expect(throws: StateStorageError.self) { try disk.commit(chain.commits[2]) }
        do {
            try disk.commit(chain.commits[2])
            Issue.record("used after a failed commit")
        } catch {
            guard case .refusedAfterFailure(let reason) = error else { throw error }
            #expect(reason.contains("the disk is gone"))
        }
        #expect(throws: StateStorageError.self) { _ = try disk.load() }
        try disk.close()
        let after = try DiskStorage(path: path).load()
        #expect(after?.height == 1)
        #expect(after?.appHash == chain.commits[1].state.appHash)
    }

    static func write(_ chain: GeneratedChain, to path: String, heights: Range<Int>? = nil) throws {
        let disk = try DiskStorage(path: path)
        for commit in chain.commits[heights ?? chain.commits.indices] { try disk.commit(commit) }
        try disk.close()
    }

    private static func execute(_ sql: String, at path: String) throws {
        try DatabaseQueue(path: path).write { try $0.execute(sql: sql) }
    }
}
