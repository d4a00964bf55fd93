import Primitives

/// The writes of a block by key, and the leaves that it read: most keys are read before they are written, and a walk through a
/// large tree costs more than all the rest of a write. The dictionary finds; what is visited in order is the array of entries and a sorted index
/// over it, so that no result depends on how a process hashes.
struct StateOverlay {
    /// What a key holds above the tree.
    enum Slot {
        /// What the tree says: never written, or written and undone.
        case untouched
        case deleted
        case written(Bytes)
    }

    /// What it takes to undo one write.
    struct Overwritten {
        fileprivate let index: Int
        fileprivate let slot: Slot
    }

    private struct Entry {
        let key: Bytes
        let leadingWord: UInt64
        /// What the tree holds there, where it was looked up and found.
        var leaf: LeafNode?
        var slot: Slot

        init(key: Bytes, leaf: LeafNode?, slot: Slot) {
            (self.key, self.leaf, self.slot) = (key, leaf, slot)
            leadingWord = KeyBits.leadingWord(key)
        }
    }

    /// In order of first write or read. Those that are only read, or undone, stay, untouched: the tree's keys and a block's
    /// failed transactions bound them.
    private var entries: [Entry] = []
    private var indices: [OverlayKey: Int] = [:]
    /// The indices of the first `order.count` entries, in ascending order of keys: brought up to date when somebody scans.
    private var order: [Int] = []

    mutating func reserveCapacity(_ count: Int) {
        entries.reserveCapacity(entries.count + count)
        indices.reserveCapacity(indices.count + count)
    }

    /// What `key` holds above the tree, its leaf where that was noted, and its entry where it has one.
    subscript(key: Bytes) -> (slot: Slot, leaf: LeafNode?, index: Int?) {
        guard let index = indices[OverlayKey(bytes: key)] else { return (.untouched, nil, nil) }
        return (entries[index].slot, entries[index].leaf, index)
    }

    /// Notes the tree's leaf of a key.
    ///
    /// - Parameter index: the key's entry; nil where it has none.
    mutating func note(_ leaf: LeafNode, at index: Int?) {
        if let index {
            entries[index].leaf = leaf
        } else {
            indices[OverlayKey(bytes: leaf.key)] = entries.count
            entries.append(Entry(key: leaf.key, leaf: leaf, slot: .untouched))
        }
    }

    mutating func set(_ slot: Slot, for key: Bytes) -> Overwritten {
        let overlayKey = OverlayKey(bytes: key)
        if let index = indices[overlayKey] {
            let overwritten = Overwritten(index: index, slot: entries[index].slot)
            entries[index].slot = slot
            return overwritten
        }
        indices[overlayKey] = entries.count
        entries.append(Entry(key: key, leaf: nil, slot: slot))
        return Overwritten(index: entries.count - 1, slot: .untouched)
    }

    mutating func restore(_ overwritten: Overwritten) { entries[overwritten.index].slot = overwritten.slot }

    /// Visits what was written or deleted under `prefix`, after `position` where there is one, in ascending order of keys,
    /// until `visitor` returns false.
    mutating func visit(prefix: Bytes, after position: Bytes?, _ visitor: (Bytes, Slot) -> Bool) {
        sortNewEntries()
        var place = firstPlace { !KeyBits.isOrdered($0, before: prefix) }
        if let position {
            place = max(place, firstPlace { KeyBits.isOrdered(position, before: $0) })
        }
        while place < order.count {
            let index = order[place]
            guard KeyBits.starts(entries[index].key, with: prefix) else { return }
            if case .untouched = entries[index].slot {
            } else if !visitor(entries[index].key, entries[index].slot) {
                return
            }
            place += 1
        }
    }

    /// What was written or deleted, each with its leaf where that was noted, in ascending order of keys.
    mutating func changes() -> (changes: [StateChange], leaves: [LeafNode?]) {
        sortNewEntries()
        var changes: [StateChange] = []
        var leaves: [LeafNode?] = []
        changes.reserveCapacity(order.count)
        leaves.reserveCapacity(order.count)
        for index in order {
            let entry = entries[index]
            switch entry.slot {
            case .untouched: continue
            case .deleted: changes.append(StateChange(key: entry.key, value: nil))
            case .written(let value): changes.append(StateChange(key: entry.key, value: value))
            }
            leaves.append(entry.leaf)
        }
        return (changes, leaves)
    }

    /// A few new entries are put in their places, each of which moves the rest; more are sorted by themselves and merged, so
    /// that a scan takes no more than one pass over what was written.
    private mutating func sortNewEntries() {
        let new = order.count..<entries.count
        guard new.count > 8 else {
            for index in new {
                let key = entries[index].key
                order.insert(index, at: firstPlace { KeyBits.isOrdered(key, before: $0) })
            }
            return
        }
        var merged: [Int] = []
        merged.reserveCapacity(entries.count)
        var place = 0
        for index in new.sorted(by: isOrdered) {
            while place < order.count, isOrdered(order[place], before: index) {
                merged.append(order[place])
                place += 1
            }
            merged.append(index)
        }
        merged.append(contentsOf: order[place...])
        order = merged
    }

    private func isOrdered(_ left: Int, before right: Int) -> Bool {
        let (leftWord, rightWord) = (entries[left].leadingWord, entries[right].leadingWord)
        if leftWord != rightWord { return leftWord < rightWord }
        return KeyBits.isOrdered(entries[left].key, before: entries[right].key)
    }

    /// The first place in `order` whose key satisfies `condition`, which holds for all keys from some key on.
    private func firstPlace(where condition: (Bytes) -> Bool) -> Int {
        var (low, high) = (0, order.count)
        while low < high {
            let middle = (low + high) / 2
            if condition(entries[order[middle]].key) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

/// A key that is hashed as a run of bytes instead of one by one.
private struct OverlayKey: Hashable {
    let bytes: Bytes

    func hash(into hasher: inout Hasher) { bytes.withUnsafeBytes { hasher.combine(bytes: $0) } }

    static func == (left: OverlayKey, right: OverlayKey) -> Bool {
        KeyBits.criticalBit(left.bytes, right.bytes) == KeyBits.none
    }
}
