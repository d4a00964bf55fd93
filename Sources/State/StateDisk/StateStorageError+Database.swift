import GRDB
import StateStore

/// The one place where what SQLite says becomes what the node says.
extension StateStorageError {
    init(_ error: any Error, path: String) {
        if let error = error as? StateStorageError {
            self = error
            return
        }
        guard let error = error as? DatabaseError else {
            self = .inputOutput(reason: "\(error)")
            return
        }
        let reason = "SQLite \(error.extendedResultCode.rawValue): \(error.message ?? "no message")"
        switch error.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED: self = .inUse(path: path)
        case .SQLITE_NOTADB: self = .notAState(path: path)
        case .SQLITE_IOERR, .SQLITE_FULL, .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_NOMEM:
            self = .inputOutput(reason: reason)
        default: self = .damaged(reason: reason)
        }
    }
}
