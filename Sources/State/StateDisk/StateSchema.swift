import GRDB
import StateStore

/// The layout of the database file, and how a connection to it is set up.
enum StateSchema {
    /// Counts layouts: raised with every change that an older program could misread. SQLite's `user_version`.
    static let formatNumber: Int64 = 1
    /// "GNKS" in ASCII: tells `file` and us that this is a ledger state. SQLite's `application_id`.
    static let applicationID: Int64 = 0x474E_4B53

    /// Opens the file, or creates it, so that no other connection can.
    static func open(path: String) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.label = "ledger state"
        configuration.busyMode = .immediateError
        configuration.prepareDatabase { database in
            // Before the first access, so that the lock is the file's own and no shared memory is used.
            try database.execute(sql: "PRAGMA locking_mode = EXCLUSIVE")
            try database.execute(sql: "PRAGMA cell_size_check = ON")
            try checkIdentity(of: database, path: path)
            try database.execute(sql: "PRAGMA journal_mode = WAL")
            // FULL syncs the log at every commit. NORMAL would leave the last blocks to the next checkpoint: a power cut
            // would lose what was acknowledged.
            try database.execute(sql: "PRAGMA synchronous = FULL")
            // SQLite swallows errors of its own checkpoints; `DiskStorage` runs them and sees them.
            try database.execute(sql: "PRAGMA wal_autocheckpoint = 0")
        }
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.writeWithoutTransaction { database in
            try database.inTransaction(.immediate) {
                if try isEmpty(database) { try create(in: database) }
                return .commit
            }
        }
        return queue
    }

    /// Refuses another program's file before anything is written to it.
    private static func checkIdentity(of database: Database, path: String) throws {
        if try isEmpty(database) { return }
        guard try Int64.fetchOne(database, sql: "PRAGMA application_id") == applicationID else {
            throw StateStorageError.notAState(path: path)
        }
        let stored = try Int64.fetchOne(database, sql: "PRAGMA user_version") ?? 0
        guard stored == formatNumber else {
            throw StateStorageError.otherFormat(stored: stored, supported: formatNumber)
        }
    }

    private static func isEmpty(_ database: Database) throws -> Bool {
        try Row.fetchOne(database, sql: "SELECT 1 FROM sqlite_master LIMIT 1") == nil
    }

    private static func create(in database: Database) throws {
        try database.execute(
            sql: """
                CREATE TABLE state (key BLOB PRIMARY KEY NOT NULL, value BLOB NOT NULL) WITHOUT ROWID;
                CREATE TABLE meta (name TEXT PRIMARY KEY NOT NULL, value BLOB NOT NULL) WITHOUT ROWID;
                PRAGMA application_id = \(applicationID);
                PRAGMA user_version = \(formatNumber);
                """)
    }
}
