import Foundation
import GRDB
import Primitives
import StateStore
import WireFormat

/// The state in one SQLite file: each entry a row, each block one transaction that is on the disk when `commit` returns.
///
/// The file is locked while it is open, and the system drops the lock with the process. Only entries are stored: `load`
/// computes every hash again and believes nothing that does not give the stored app hash.
public final class DiskStorage: StateStorage {
    private let path: String
    private let queue: DatabaseQueue
    private var head: StateHead?
    private var changesSinceCheckpoint = 0
    /// Why nothing is done any more.
    private var failure: String?
    private var isClosed = false

    /// Opens the file at `path`, or creates it.
    ///
    /// - Throws: `.inUse`, `.notAState`, `.otherFormat`, `.damaged`, `.inputOutput`.
    public init(path: String) throws(StateStorageError) {
        self.path = path
        do {
            queue = try StateSchema.open(path: path)
            head = try queue.writeWithoutTransaction { try DiskStorage.readHead($0) }
        } catch {
            throw StateStorageError(error, path: path)
        }
    }

    public func load() throws(StateStorageError) -> StoredState? {
        try checkUsable()
        let tree: StateTree?
        do {
            tree = try queue.writeWithoutTransaction { try DiskStorage.readTree($0) }
        } catch {
            throw StateStorageError(error, path: path)
        }
        guard let tree else { throw .damaged(reason: "its keys are out of order") }
        guard let head else {
            if tree.isEmpty { return nil }
            throw .damaged(reason: "it has entries and no head")
        }
        guard tree.root == head.appHash else { throw .otherAppHash(stored: head.appHash, computed: tree.root) }
        return StoredState(chainID: head.chainID, height: head.height, tree: tree)
    }

    public func commit(_ commit: StateCommit) throws(StateStorageError) {
        try checkUsable()
        if let head { try commit.checkFollows(chainID: head.chainID, height: head.height) }
        let newHead = StateHead(commit.state)
        do {
            try queue.writeWithoutTransaction { database in
                try database.inTransaction(.immediate) {
                    try DiskStorage.write(commit.changes, newHead, to: database)
                    return .commit
                }
                try checkpointIfDue(database, after: commit.changes.count)
            }
        } catch {
            let error = StateStorageError(error, path: path)
            failure = error.description
            throw error
        }
        head = newHead
    }

    /// Ends the use of the file, so that another may open it; the log is copied into it. Once closed, everything is refused.
    public func close() throws(StateStorageError) {
        isClosed = true
        do {
            try queue.close()
        } catch {
            throw StateStorageError(error, path: path)
        }
    }

    private func checkUsable() throws(StateStorageError) {
        if isClosed { throw .closed }
        if let failure { throw .refusedAfterFailure(reason: failure) }
    }

    /// Copies the log into the file now and then, and lets the log begin again.
    private func checkpointIfDue(_ database: Database, after changes: Int) throws {
        changesSinceCheckpoint += changes + 1
        guard changesSinceCheckpoint >= Limits.changesBetweenCheckpoints else { return }
        try database.checkpoint(.passive)
        changesSinceCheckpoint = 0
    }
}

/// What is read and written, statement by statement.
extension DiskStorage {
    private static func write(_ changes: [StateChange], _ head: StateHead, to database: Database) throws {
        let put = try database.cachedStatement(
            sql: "INSERT INTO state VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value")
        let delete = try database.cachedStatement(sql: "DELETE FROM state WHERE key = ?")
        for change in changes {
            if let value = change.value {
                try put.execute(arguments: [Data(change.key), Data(value)])
            } else {
                try delete.execute(arguments: [Data(change.key)])
            }
        }
        try database.cachedStatement(sql: "INSERT OR REPLACE INTO meta VALUES ('head', ?)")
            .execute(arguments: [Data(head.encoded())])
    }

    private static func readHead(_ database: Database) throws -> StateHead? {
        guard let row = try Row.fetchOne(database, sql: "SELECT value FROM meta WHERE name = 'head'") else {
            return nil
        }
        guard let bytes = bytes(row, 0) else { throw StateStorageError.damaged(reason: "its head is not bytes") }
        do throws(WireError) {
            return try StateHead.decode(bytes)
        } catch {
            throw StateStorageError.damaged(reason: "its head does not match its checksum")
        }
    }

    /// All entries, or nil where their keys are not in ascending order.
    private static func readTree(_ database: Database) throws -> StateTree? {
        guard try String.fetchOne(database, sql: "PRAGMA quick_check(1)") == "ok" else {
            throw StateStorageError.damaged(reason: "SQLite's check of its pages fails")
        }
        var entries: [StateEntry] = []
        let rows = try Row.fetchCursor(database, sql: "SELECT key, value FROM state ORDER BY key")
        while let row = try rows.next() {
            guard let key = bytes(row, 0), let value = bytes(row, 1) else {
                throw StateStorageError.damaged(reason: "it has an entry that is not bytes")
            }
            entries.append(StateEntry(key: key, value: value))
        }
        return StateTree(ascending: entries)
    }

    /// A blob, or nil for anything else that damage can leave in its place.
    private static func bytes(_ row: Row, _ index: Int) -> Bytes? {
        let value: DatabaseValue = row[index]
        guard case .blob(let data) = value.storage else { return nil }
        return Bytes(data)
    }
}
