import Primitives

/// What a block writes, on top of a tree that does not change: reads see the writes, scopes can be undone, and at the end the
/// writes are one sorted batch.
///
/// A class, so that whoever runs inside a scope may hold it too. Not Sendable: one block, one thread, no locks.
public final class StateTransaction {
    /// The state before the first write.
    public let base: StateTree

    private var overlay = StateOverlay()
    /// The number of scopes that are open.
    private var depth = 0
    /// What open scopes have overwritten, oldest first; empty where no scope is open.
    private var journal: [StateOverlay.Overwritten] = []

    public init(over base: StateTree) { self.base = base }

    /// Makes room for so many keys that will be read or written: saves time where somebody knows that they are many.
    public func reserveCapacity(_ keys: Int) { overlay.reserveCapacity(keys) }

    /// What `key` holds now, own writes included, or nil.
    public func value(for key: Bytes) -> Bytes? {
        let known = overlay[key]
        switch known.slot {
        case .deleted: return nil
        case .written(let value): return value
        case .untouched:
            if let leaf = known.leaf { return leaf.value }
            guard let leaf = base.leaf(for: key) else { return nil }
            overlay.note(leaf, at: known.index)
            return leaf.value
        }
    }

    /// Makes `key` hold `value`. What a proof is to speak of stays within `StateLimits`; nothing is refused here.
    public func write(_ value: Bytes, for key: Bytes) { set(.written(value), for: key) }

    /// Makes `key` hold nothing; no difference where it holds nothing already.
    public func delete(_ key: Bytes) { set(.deleted, for: key) }

    /// The entries whose keys begin with `prefix`, own writes included, in ascending order of keys. What is written
    /// afterwards does not change them.
    ///
    /// - Parameters:
    ///   - position: where to begin: only keys greater than it. Nil for the first.
    ///   - limit: the most entries to return; a caller that needs more goes on after the last key.
    public func scan(prefix: Bytes, after position: Bytes? = nil, limit: Int) -> [StateEntry] {
        var stored = base.scan(prefix: prefix, after: position)
        var nextStored = stored.next()
        var entries: [StateEntry] = []
        overlay.visit(prefix: prefix, after: position) { key, slot in
            while let entry = nextStored, entries.count < limit, KeyBits.isOrdered(entry.key, before: key) {
                entries.append(entry)
                nextStored = stored.next()
            }
            guard entries.count < limit else { return false }
            if nextStored?.key == key { nextStored = stored.next() }
            if case .written(let value) = slot { entries.append(StateEntry(key: key, value: value)) }
            return true
        }
        while let entry = nextStored, entries.count < limit {
            entries.append(entry)
            nextStored = stored.next()
        }
        return entries
    }

    /// Runs `body` in a scope of its own: where it throws, all that it wrote is undone and nothing else; otherwise its writes
    /// stay. Scopes nest. Beginning one costs nothing, undoing one costs its writes.
    public func nested<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
        let start = journal.count
        depth += 1
        defer {
            depth -= 1
            if depth == 0 { journal.removeAll(keepingCapacity: true) }
        }
        do {
            return try body()
        } catch {
            while journal.count > start { overlay.restore(journal.removeLast()) }
            throw error
        }
    }

    /// All writes, the last one of each key, in ascending order of keys.
    public func changes() -> [StateChange] { overlay.changes().changes }

    /// The tree after all writes, and the writes. The same as `base.applying(changes())`, but that what was looked up is not
    /// looked up again.
    public func finish() -> (tree: StateTree, changes: [StateChange]) {
        let (changes, leaves) = overlay.changes()
        return (base.applying(ascending: changes, leaves: leaves), changes)
    }

    private func set(_ slot: StateOverlay.Slot, for key: Bytes) {
        let overwritten = overlay.set(slot, for: key)
        if depth > 0 { journal.append(overwritten) }
    }
}
