import Messages
import Primitives
import StateStore
import WireFormat

/// Walks over many records: over whole tables for the modules' invariants, and where an epoch or a round ends.
extension ExecutionContext {
    /// Visits every record of a table in ascending order of keys, a page at a time.
    func forEach<Record: CanonicalMessage>(
        _ type: Record.Type, in table: StateTable, _ visit: (Record) throws(LedgerError) -> Void
    ) throws(LedgerError) {
        try forEachEntry(in: table) { (entry) throws(LedgerError) in try visit(try decode(type, entry)) }
    }

    /// Checks that a table has `count` entries.
    func expect(_ count: Int, in table: StateTable) throws(LedgerError) {
        var found = 0
        try forEachEntry(in: table) { (_) throws(LedgerError) in found += 1 }
        guard found == count else { throw .broken("\(found) entries in table \(table), not \(count)") }
    }

    func forEachEntry(in table: StateTable, _ visit: (StateEntry) throws(LedgerError) -> Void) throws(LedgerError) {
        try forEachEntry(under: table.prefix, visit)
    }

    /// The same for the records whose keys begin with `prefix`.
    func forEachEntry(under prefix: Bytes, _ visit: (StateEntry) throws(LedgerError) -> Void) throws(LedgerError) {
        var page = state.scan(prefix: prefix, limit: Limits.scanPage)
        while let last = page.last {
            for entry in page { try visit(entry) }
            page = state.scan(prefix: prefix, after: last.key, limit: Limits.scanPage)
        }
    }
}
