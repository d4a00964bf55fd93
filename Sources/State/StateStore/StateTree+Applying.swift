import Primitives

extension StateTree {
    /// The tree after `changes`. What does not change is shared with this tree; each hash on the way is computed once.
    ///
    /// - Parameter changes: at most one a key, in ascending order of keys (`StateTransaction.changes` is so). Any other order
    ///   costs a sort, and the last change of a key holds.
    public func applying(_ changes: [StateChange]) -> StateTree {
        let isAscending = zip(changes, changes.dropFirst()).allSatisfy { KeyBits.isOrdered($0.key, before: $1.key) }
        return applying(ascending: isAscending ? changes : StateTree.sorted(changes), leaves: [])
    }

    /// The same for changes that are in order.
    ///
    /// - Parameter leaves: the leaf of each change's key in this tree where the caller knows it; or nothing at all.
    func applying(ascending changes: [StateChange], leaves: [LeafNode?]) -> StateTree {
        let batch = ChangeBatch(changes, leaves: leaves, for: top)
        guard let top else { return StateTree(top: batch.built(0..<batch.count, around: nil)) }
        return StateTree(top: batch.applied(to: top, 0..<batch.count))
    }

    private static func sorted(_ changes: [StateChange]) -> [StateChange] {
        let order = changes.indices.sorted { left, right in
            if changes[left].key == changes[right].key { return left < right }
            return KeyBits.isOrdered(changes[left].key, before: changes[right].key)
        }
        var result: [StateChange] = []
        for index in order {
            if result.last?.key == changes[index].key { result.removeLast() }
            result.append(changes[index])
        }
        return result
    }
}

/// Changes in ascending order, each with the place where its key leaves the tree it is applied to.
private struct ChangeBatch {
    private var changes: [StateChange] = []
    /// The longest beginning that each change's key shares with any key of the tree ends before this bit; `KeyBits.none` where
    /// the key is in the tree.
    private var departures: [UInt32] = []

    var count: Int { changes.count }

    /// Leaves out what changes nothing: an equal value, a key that is to be gone and is not there.
    init(_ candidates: [StateChange], leaves: [LeafNode?], for top: StateNode?) {
        changes.reserveCapacity(candidates.count)
        departures.reserveCapacity(candidates.count)
        for (index, change) in candidates.enumerated() {
            let leaf = leaves.indices.contains(index) ? leaves[index] : nil
            guard let departure = ChangeBatch.departure(of: change, knowing: leaf, from: top) else { continue }
            changes.append(change)
            departures.append(departure)
        }
    }

    /// Nil where the change changes nothing.
    private static func departure(of change: StateChange, knowing leaf: LeafNode?, from top: StateNode?) -> UInt32? {
        if let leaf { return change.value == leaf.value ? nil : KeyBits.none }
        return change.key.withUnsafeBytes { key in
            guard let nearest = top?.leaf(towards: key) else { return change.value == nil ? nil : 0 }
            let bit = nearest.key.withUnsafeBytes { KeyBits.criticalBit($0, key) }
            let isSame = bit == KeyBits.none ? change.value == nearest.value : change.value == nil
            return isSame ? nil : bit
        }
    }

    /// The subtree `node` after the changes of `range`, all of which are led to it; nil where nothing is left.
    ///
    /// Keys that part from the whole subtree lie before or after it; those between belong to it.
    func applied(to node: StateNode, _ range: Range<Int>) -> StateNode? {
        guard !range.isEmpty else { return node }
        let own = rangeBelow(node, within: range)
        if own == range { return appliedInside(node, own) }
        return built(range, around: (own, own.isEmpty ? node : appliedInside(node, own)))
    }

    /// The part of `range` whose keys share all of the subtree's common beginning. Where there is none, the empty range that
    /// separates the keys before the subtree from those after it.
    private func rangeBelow(_ node: StateNode, within range: Range<Int>) -> Range<Int> {
        let criticalBit = node.criticalBit
        var start = range.lowerBound
        while start < range.upperBound, departures[start] < criticalBit,
            !KeyBits.isSet(departures[start], in: changes[start].key)
        { start += 1 }
        var end = start
        while end < range.upperBound, departures[end] >= criticalBit { end += 1 }
        return start..<end
    }

    private func appliedInside(_ node: StateNode, _ range: Range<Int>) -> StateNode? {
        switch node {
        case .leaf:
            let change = changes[range.lowerBound]
            return change.value.map { .leaf(LeafNode(key: change.key, value: $0)) }
        case .inner(let inner):
            let middle = partition(range, at: inner.criticalBit)
            let left = applied(to: inner.left, range.lowerBound..<middle)
            let right = applied(to: inner.right, middle..<range.upperBound)
            guard let left else { return right }
            guard let right else { return left }
            return .inner(InnerNode(criticalBit: inner.criticalBit, left: left, right: right))
        }
    }

    /// The first index whose key has a 1 at `bit`.
    private func partition(_ range: Range<Int>, at bit: UInt32) -> Int {
        var (low, high) = (range.lowerBound, range.upperBound)
        while low < high {
            let middle = (low + high) / 2
            if KeyBits.isSet(bit, in: changes[middle].key) { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// New leaves for the keys of `range`, with the subtree `around.node` in place of the changes `around.own`.
    func built(_ range: Range<Int>, around subtree: (own: Range<Int>, node: StateNode?)?) -> StateNode? {
        var builder = TreeBuilder()
        var previous: Int?
        let own = subtree?.own ?? range.upperBound..<range.upperBound
        func appendLeaves(_ indices: Range<Int>) {
            for index in indices {
                guard let value = changes[index].value else { continue }
                let bit = previous.map { KeyBits.criticalBit(changes[$0].key, changes[index].key) } ?? departures[index]
                builder.append(.leaf(LeafNode(key: changes[index].key, value: value)), partingAt: bit)
                previous = index
            }
        }
        appendLeaves(range.lowerBound..<own.lowerBound)
        if let node = subtree?.node {
            builder.append(node, partingAt: previous.map { departures[$0] } ?? 0)
            previous = nil
        }
        appendLeaves(own.upperBound..<range.upperBound)
        return builder.finish()
    }
}
