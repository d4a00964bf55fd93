import Messages
import Primitives

/// A list of the ledger's records, ascending by key.
public struct Listing<Element: Sendable>: Sendable {
    public let elements: [Element]
    /// False where the list goes on after the last one here, because it has more than `Limits.listRecordsMax` records.
    public let isComplete: Bool

    public init(_ elements: [Element], isComplete: Bool = true) {
        self.elements = elements
        self.isComplete = isComplete
    }

    /// The same list of what each element comes to.
    public func map<Other: Sendable, Failure: Error>(
        _ transform: (Element) throws(Failure) -> Other
    ) throws(Failure) -> Listing<Other> {
        Listing<Other>(try elements.map(transform), isComplete: isComplete)
    }
}

extension LedgerAccess {
    /// All records whose keys begin with `prefix`, asked for one answer after another.
    ///
    /// Each answer is of the newest state: a record that is there all the time is listed once, one that comes or goes
    /// meanwhile may be in the list or not.
    ///
    /// - Parameter recordsMax: the list is cut there.
    /// - Throws: `.malformed` also for answers that are not in order or never end.
    func list(
        _ prefix: Bytes, recordsMax: Int = Limits.listRecordsMax
    ) async throws(LedgerAccessError) -> Listing<StateRecord> {
        var records: [StateRecord] = []
        while true {
            let position = records.last?.key ?? []
            let range = try await range(StateRangeQuery(prefix: prefix, after: position))
            try range.check(prefix, after: position)
            records += range.records
            if records.count > recordsMax || range.hasMore && records.count == recordsMax {
                return Listing(Array(records.prefix(recordsMax)), isComplete: false)
            }
            if !range.hasMore { return Listing(records) }
        }
    }
}

extension StateRange {
    /// Whether this answers the question: keys of the prefix, each greater than the one before, and some of them where more
    /// are to come, so that asking again gets somewhere.
    fileprivate func check(_ prefix: Bytes, after position: Bytes) throws(LedgerAccessError) {
        var last = position
        for record in records {
            guard record.key.starts(with: prefix), last.lexicographicallyPrecedes(record.key) else {
                throw .malformed("a range is not in order")
            }
            last = record.key
        }
        if hasMore && records.isEmpty { throw .malformed("a range has more records and holds none") }
    }
}
