import Primitives

/// A node of the tree. Nodes never change, so trees share them and a root is a snapshot.
enum StateNode: Sendable {
    case leaf(LeafNode)
    case inner(InnerNode)

    /// The leaf's or the inner node's hash.
    var hash: Hash32 {
        switch self {
        case .leaf(let leaf): leaf.hash
        case .inner(let inner): inner.hash
        }
    }

    /// The bit in which the keys below part; `KeyBits.none` for a leaf.
    var criticalBit: UInt32 {
        switch self {
        case .leaf: KeyBits.none
        case .inner(let inner): inner.criticalBit
        }
    }

    /// The number of leaves.
    var count: UInt32 {
        switch self {
        case .leaf: 1
        case .inner(let inner): inner.count
        }
    }

    /// The leaf with the smallest key.
    var first: LeafNode {
        switch self {
        case .leaf(let leaf): leaf
        case .inner(let inner): inner.left.first
        }
    }

    /// The leaf with the largest key.
    var last: LeafNode {
        switch self {
        case .leaf(let leaf): leaf
        case .inner(let inner): inner.right.last
        }
    }

    /// The leaf that `key` is led to by its bits alone. No other leaf below shares a longer beginning with it; it is
    /// `key`'s own where the key is there.
    func leaf(towards key: UnsafeRawBufferPointer) -> LeafNode {
        switch self {
        case .leaf(let leaf): leaf
        case .inner(let inner):
            KeyBits.isSet(inner.criticalBit, in: key)
                ? inner.right.leaf(towards: key) : inner.left.leaf(towards: key)
        }
    }
}

/// A key, its value, and their hash.
final class LeafNode: Sendable {
    let key: Bytes
    let value: Bytes
    let hash: Hash32

    init(key: Bytes, value: Bytes) {
        self.key = key
        self.value = value
        hash = NodeHash.leaf(key: key, value: value)
    }
}

/// Two subtrees whose keys agree before `criticalBit`; those on the left have a 0 there, those on the right a 1.
final class InnerNode: Sendable {
    let criticalBit: UInt32
    /// The number of leaves below; 2³² of them would not fit in any memory.
    let count: UInt32
    let left: StateNode
    let right: StateNode
    let hash: Hash32

    init(criticalBit: UInt32, left: StateNode, right: StateNode) {
        self.criticalBit = criticalBit
        count = left.count &+ right.count
        self.left = left
        self.right = right
        hash = NodeHash.inner(left: left.hash, right: right.hash)
    }
}
