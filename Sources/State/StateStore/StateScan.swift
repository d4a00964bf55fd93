import Primitives

/// The entries of a tree under one prefix, in ascending order of keys. It holds its tree: later changes do not show.
public struct StateScan: Sequence, IteratorProtocol, Sendable {
    private let prefix: Bytes
    /// Subtrees still to visit, the next one last.
    private var pending: [StateNode] = []

    init(top: StateNode?, prefix: Bytes, after position: Bytes?) {
        self.prefix = prefix
        guard let top else { return }
        if let position, KeyBits.isOrdered(prefix, before: position) || prefix == position {
            seek(position, includingIt: false, from: top)
        } else {
            seek(prefix, includingIt: true, from: top)
        }
    }

    /// The next entry, or nil at the end of the prefix.
    public mutating func next() -> StateEntry? {
        guard var node = pending.popLast() else { return nil }
        while case .inner(let inner) = node {
            pending.append(inner.right)
            node = inner.left
        }
        guard case .leaf(let leaf) = node, KeyBits.starts(leaf.key, with: prefix) else {
            pending = []
            return nil
        }
        return StateEntry(key: leaf.key, value: leaf.value)
    }

    /// Leaves in `pending` what comes after `bound`.
    private mutating func seek(_ bound: Bytes, includingIt: Bool, from top: StateNode) {
        let departure = bound.withUnsafeBytes { key in
            top.leaf(towards: key).key.withUnsafeBytes { KeyBits.criticalBit($0, key) }
        }
        var node = top
        while case .inner(let inner) = node, inner.criticalBit < departure {
            if KeyBits.isSet(inner.criticalBit, in: bound) {
                node = inner.right
            } else {
                pending.append(inner.right)
                node = inner.left
            }
        }
        let isAfter = departure == KeyBits.none ? includingIt : !KeyBits.isSet(departure, in: bound)
        if isAfter { pending.append(node) }
    }
}
