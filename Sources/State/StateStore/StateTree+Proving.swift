import Primitives

extension StateTree {
    /// The proof of what `key` holds under `root`, or that it holds nothing.
    ///
    /// - Throws: `.tooLarge` where the key, or an entry that the proof must show, is over `StateLimits`.
    public func prove(_ key: Bytes) throws(StateProofError) -> StateProof {
        guard key.count <= StateLimits.keyBytesMax else { throw .tooLarge }
        let (left, leaf, right) = key.withUnsafeBytes { neighbours(of: $0) }
        if let leaf { return .existence(try proof(of: leaf)) }
        var absence: (left: LeafProof?, right: LeafProof?)
        if let left { absence.left = try proof(of: left) }
        if let right { absence.right = try proof(of: right) }
        return .absence(AbsenceProof(key: key, left: absence.left, right: absence.right))
    }

    /// The leaf of `key` where there is one, and the leaves before and after it.
    private func neighbours(
        of key: UnsafeRawBufferPointer
    ) -> (left: LeafNode?, leaf: LeafNode?, right: LeafNode?) {
        guard var node = top else { return (nil, nil, nil) }
        let departure = node.leaf(towards: key).key.withUnsafeBytes { KeyBits.criticalBit($0, key) }
        var (before, after): (StateNode?, StateNode?) = (nil, nil)
        while case .inner(let inner) = node, inner.criticalBit < departure {
            if KeyBits.isSet(inner.criticalBit, in: key) {
                (before, node) = (inner.left, inner.right)
            } else {
                (node, after) = (inner.left, inner.right)
            }
        }
        if departure == KeyBits.none { return (before?.last, node.first, after?.first) }
        return KeyBits.isSet(departure, in: key)
            ? (node.last, nil, after?.first) : (before?.last, nil, node.first)
    }

    private func proof(of leaf: LeafNode) throws(StateProofError) -> LeafProof {
        var path: [LeafProof.Sibling] = []
        var node = top
        while case .inner(let inner)? = node {
            let isRight = KeyBits.isSet(inner.criticalBit, in: leaf.key)
            path.append(LeafProof.Sibling(isLeft: isRight, hash: (isRight ? inner.left : inner.right).hash))
            node = isRight ? inner.right : inner.left
        }
        guard leaf.key.count <= StateLimits.keyBytesMax, leaf.value.count <= StateLimits.valueBytesMax,
            path.count <= StateLimits.depthMax
        else { throw .tooLarge }
        return LeafProof(key: leaf.key, value: leaf.value, path: path.reversed())
    }
}
