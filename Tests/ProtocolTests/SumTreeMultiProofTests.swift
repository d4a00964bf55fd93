import Primitives
import ProtocolRules
import Testing
import WireFormat

@Suite struct SumTreeMultiProofTests {
    /// Every set of leaves of every tree with up to seven.
    @Test func everySetOfLeavesLiesWhereSingleProofsSay() throws {
        for count in 1...7 {
            let leaves = exampleLeaves(count)
            let tree = try SumTree(leaves)
            for set in 1..<(1 << count) {
                let indices = (0..<count).filter { set >> $0 & 1 == 1 }
                let proof = try #require(tree.proof(at: indices.map(UInt64.init)))
                let intervals = try proof.verify(indices.map { leaves[$0] }, in: tree.claim)
                let single = try indices.map { index in
                    try #require(tree.proof(at: UInt64(index))).verify(leaves[index], in: tree.claim)
                }
                #expect(intervals == single, "\(indices) of \(count)")
                #expect(try SumTreeMultiProof.decode(proof.encoded()) == proof)
            }
        }
    }

    @Test func siblingsAreCarriedOnce() throws {
        let tree = try SumTree(exampleLeaves(1_000))
        let all = try #require(tree.proof(at: Array(0..<1_000)))
        #expect(all.siblings.isEmpty)
        let two = try #require(tree.proof(at: [10, 11]))
        #expect(two.siblings.count == (try #require(tree.proof(at: 10 as UInt64))).path.count - 1)
    }

    @Test func placesThatAreNoneHaveNoProof() throws {
        let tree = try SumTree(exampleLeaves(5))
        for indices in [[], [5], [0, 0], [1, 0], [0, 5], [.max]] as [[UInt64]] {
            #expect(tree.proof(at: indices) == nil)
        }
        #expect(try SumTree([]).proof(at: [0]) == nil)
    }

    @Test func everyChangedBitOfAProofIsRefused() throws {
        for (count, indices) in [(1, [0]), (2, [1]), (5, [0, 4]), (7, [2, 3, 6]), (13, [0, 5, 12])] as [(Int, [UInt64])]
        {
            let leaves = exampleLeaves(count)
            let tree = try SumTree(leaves)
            let proof = try #require(tree.proof(at: indices))
            let shown = indices.map { leaves[Int($0)] }
            let bytes = proof.encoded()
            for bit in 0..<(bytes.count * 8) {
                var changed = bytes
                changed[bit / 8] ^= 1 << UInt8(bit % 8)
                guard let mutant = try? SumTreeMultiProof.decode(changed) else { continue }
                #expect(throws: SumTreeProofError.self, "bit \(bit) of \(indices) in \(count)") {
                    try mutant.verify(shown, in: tree.claim)
                }
            }
        }
    }

    @Test func changedLeavesAndClaimsAreRefused() throws {
        let leaves = exampleLeaves(9)
        let tree = try SumTree(leaves)
        let proof = try #require(tree.proof(at: [1, 2, 8]))
        let shown = [leaves[1], leaves[2], leaves[8]]
        let more = ItemSums(fee: Amount(leaves[2].sums.fee.ngonka + 1), tokens: leaves[2].sums.tokens)
        let wrong: [[SumTreeNode]] = [
            [leaves[2], leaves[1], leaves[8]], [leaves[1], leaves[2]], [leaves[1], leaves[2], leaves[8], leaves[8]], [],
            [leaves[1], SumTreeNode(hash: leaves[2].hash, sums: more), leaves[8]],
        ]
        for leaves in wrong { #expect(throws: SumTreeProofError.self) { try proof.verify(leaves, in: tree.claim) } }
        let claim = tree.claim
        let claims = [
            SumTreeClaim(root: claim.root, count: 8, sums: claim.sums),
            SumTreeClaim(root: claim.root, count: 10, sums: claim.sums),
            SumTreeClaim(root: claim.root, count: .max, sums: claim.sums),
            SumTreeClaim(root: claim.root, count: 0, sums: claim.sums),
            SumTreeClaim(root: claim.root, count: 9, sums: .zero),
            SumTreeClaim(root: .zero, count: 9, sums: claim.sums),
        ]
        for claim in claims { #expect(throws: SumTreeProofError.self) { try proof.verify(shown, in: claim) } }
    }

    @Test func missingAndSuperfluousSiblingsAreRefused() throws {
        let leaves = exampleLeaves(6)
        let tree = try SumTree(leaves)
        let proof = try #require(tree.proof(at: [0, 3]))
        let short = SumTreeMultiProof(indices: proof.indices, siblings: proof.siblings.dropLast())
        let long = SumTreeMultiProof(indices: proof.indices, siblings: proof.siblings + [leaves[5]])
        for mutant in [short, long] {
            #expect(throws: SumTreeProofError.wrongPathLength) {
                try mutant.verify([leaves[0], leaves[3]], in: tree.claim)
            }
        }
    }

    @Test func sumsThatDoNotFitAreRefused() throws {
        let huge = SumTreeNode(hash: .zero, sums: ItemSums(fee: Amount(.max), tokens: 1))
        let proof = SumTreeMultiProof(indices: [0, 1], siblings: [])
        let claim = SumTreeClaim(root: .zero, count: 2, sums: .zero)
        #expect(throws: SumTreeProofError.sumsOverflow) { try proof.verify([huge, huge], in: claim) }
    }
}
