import Primitives

/// The authenticated state: an ordered map from keys to values with one hash over all of it.
///
/// A binary Patricia trie over the bits of the keys (`KeyBits`), hashed as ICS-23's `TendermintSpec` says. Its shape follows
/// from the set of keys alone, so the root names the contents and not the history of writes. A value type: a copy is a
/// snapshot, costs nothing, and shares nodes with what is made from it. All of it is in memory; `StateStorage` keeps a
/// durable copy of the entries, never of the nodes.
public struct StateTree: Sendable {
    let top: StateNode?

    /// The empty tree.
    public init() { top = nil }

    init(top: StateNode?) { self.top = top }

    /// Builds a tree in one pass.
    ///
    /// - Parameter entries: in strictly ascending order of keys.
    /// - Returns: nil where they are not.
    /// - Complexity: one leaf hash and one inner hash an entry.
    public init?(ascending entries: some Sequence<StateEntry>) {
        var builder = TreeBuilder()
        var previous: Bytes?
        for entry in entries {
            let bit = previous.map { KeyBits.criticalBit($0, entry.key) } ?? 0
            if previous != nil, bit == KeyBits.none || !KeyBits.isSet(bit, in: entry.key) { return nil }
            builder.append(.leaf(LeafNode(key: entry.key, value: entry.value)), partingAt: bit)
            previous = entry.key
        }
        top = builder.finish()
    }

    /// The hash of all entries; SHA-256 of nothing for the empty tree.
    public var root: Hash32 { top?.hash ?? NodeHash.empty }

    /// The number of entries.
    public var count: Int { Int(top?.count ?? 0) }

    public var isEmpty: Bool { top == nil }

    /// What `key` holds, or nil. A walk down one path; nothing is allocated.
    public func value(for key: Bytes) -> Bytes? { leaf(for: key)?.value }

    /// The leaf of `key`, or nil.
    func leaf(for key: Bytes) -> LeafNode? {
        guard let leaf = key.withUnsafeBytes({ bits in top?.leaf(towards: bits) }), leaf.key == key else { return nil }
        return leaf
    }

    /// The entries whose keys begin with `prefix`, in ascending order of keys, found as the caller asks for them.
    ///
    /// - Parameter position: where to begin: only keys greater than it are visited. Nil for the first.
    public func scan(prefix: Bytes = [], after position: Bytes? = nil) -> StateScan {
        StateScan(top: top, prefix: prefix, after: position)
    }
}

/// Puts subtrees side by side, in ascending order of keys, under as few inner nodes as there can be: each is made once, when
/// everything below it is known.
struct TreeBuilder {
    /// Subtrees that wait for their right-hand neighbour, with the bit where they part from it: ascending bits.
    private var waiting: [(node: StateNode, criticalBit: UInt32)] = []
    private var newest: StateNode?

    /// Adds a subtree whose keys are greater than all before. `criticalBit` is where they part from the one added last; it is
    /// not read for the first.
    mutating func append(_ node: StateNode, partingAt criticalBit: UInt32) {
        if let newest { waiting.append((closed(newest, downTo: criticalBit), criticalBit)) }
        newest = node
    }

    /// The tree of all that was added, or nil for nothing.
    mutating func finish() -> StateNode? {
        guard let last = newest else { return nil }
        newest = nil
        return closed(last, downTo: 0)
    }

    private mutating func closed(_ node: StateNode, downTo criticalBit: UInt32) -> StateNode {
        var node = node
        while let left = waiting.last, left.criticalBit >= criticalBit {
            node = .inner(InnerNode(criticalBit: left.criticalBit, left: left.node, right: node))
            waiting.removeLast()
        }
        return node
    }
}
