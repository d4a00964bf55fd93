import Cryptography
import Primitives
import ProtocolRules
import Testing
import WireFormat

/// Leaf i: the item `item i`, fee 100 + i, i² tokens.
func exampleLeaf(_ index: Int) -> SumTreeNode {
    SumTreeNode(
        item: Bytes("item \(index)".utf8),
        sums: ItemSums(fee: Amount(100 + UInt64(index)), tokens: UInt64(index * index)))
}

func exampleLeaves(_ count: Int) -> [SumTreeNode] { (0..<count).map(exampleLeaf) }

func leaf(fee: UInt64, tokens: UInt64) -> SumTreeNode {
    SumTreeNode(item: .bigEndian(fee) + .bigEndian(tokens), sums: ItemSums(fee: Amount(fee), tokens: tokens))
}

@Suite struct SumTreeTests {
    struct Vector: Sendable {
        let count: Int
        let treeRoot: String
        let root: String
        let fee: UInt64
        let tokens: UInt64
    }

    // Computed by a recursive implementation of RFC 6962's MTH in another language.
    static let vectors = [
        Vector(
            count: 0, treeRoot: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            root: "3c9fd52ccaa82514711b866ae3ad88c10de0d093d55746e1de253c4ee254497d", fee: 0, tokens: 0),
        Vector(
            count: 1, treeRoot: "5d5647f002f910f17b638faa8a5d1c5ee206b3a3c35c7097976759cd92e612bf",
            root: "9c6711da1a097b2556be2f274e96b0d91254741629532bd3547302f1309e85c9", fee: 100, tokens: 0),
        Vector(
            count: 2, treeRoot: "6efb702acd709c32a5667bf63672069975b3c1dbc66743d36c1aea6157e929f4",
            root: "54abefaa499d175f9dc3ee8f32e107e3b477343b1ad7d8321fe1953653bf2386", fee: 201, tokens: 1),
        Vector(
            count: 3, treeRoot: "96b28505fcf24c7571a3e71322b40491f864c1593c2e575bb377e57ab244ce72",
            root: "3221e806105549a3548ecc194cdfaf2ea9544473ffe685c94196e393e8c0be72", fee: 303, tokens: 5),
        Vector(
            count: 7, treeRoot: "1cc512dfb11d34759de1cdf5f0df5f9f26a8e85ebbab113db4aca3c25f2ba78d",
            root: "23acce48c400883f39a8b8a8cc71746f187ae4ace4e881a20c7b716afc9f3ed5", fee: 721, tokens: 91),
        Vector(
            count: 8, treeRoot: "1482676d314a34142f1453d601b22c5e8f28c21a30edcadf07d28683111f4f8a",
            root: "b9befe2dfc9ff9c7be3fc32bea50bae313117798e3d72b01833f5ee001856cb1", fee: 828, tokens: 140),
        Vector(
            count: 13, treeRoot: "c0392af6777c0d2ce9efbbf84ee1d8a06e899fc6cb965766f0caf5ff0ee1ede1",
            root: "652c2d6611d71f82a668250844ed7f8a2f88ccd373d325c0458558a4101327e0", fee: 1378, tokens: 650),
    ]

    @Test(arguments: vectors) func rootsMatchTheReference(_ vector: Vector) throws {
        let claim = try SumTree(exampleLeaves(vector.count)).claim
        #expect(try SumTree(exampleLeaves(vector.count)).treeRoot.description == vector.treeRoot)
        #expect(claim.root.description == vector.root)
        #expect(claim.count == UInt64(vector.count))
        #expect(claim.sums == ItemSums(fee: Amount(vector.fee), tokens: vector.tokens))
    }

    @Test func accumulatorAndTreeAgreeAtEverySize() throws {
        var accumulator = SumTreeAccumulator()
        for count in 0...130 {
            #expect(accumulator.claim == (try SumTree(exampleLeaves(count)).claim), "\(count) leaves")
            try accumulator.append(exampleLeaf(count))
        }
    }

    @Test func everyLeafOfEverySizeIsProven() throws {
        for count in 1...66 {
            let leaves = exampleLeaves(count)
            let tree = try SumTree(leaves)
            var before = ItemSums.zero
            for (index, leaf) in leaves.enumerated() {
                let proof = try #require(tree.proof(at: UInt64(index)))
                #expect(try SumTreeProof.decode(proof.encoded()) == proof)
                let interval = try proof.verify(leaf, in: tree.claim)
                #expect(interval.before == before && interval.sums == leaf.sums, "leaf \(index) of \(count)")
                before = try before.adding(leaf.sums)
            }
            #expect(tree.proof(at: UInt64(count)) == nil)
        }
    }

    @Test(arguments: ItemMeasure.allCases) func everyPointIsCoveredByOneLeaf(_ measure: ItemMeasure) throws {
        var random = SplitMix64(seed: 1)
        for count in 1...20 {
            // A third of the leaves add nothing, at the ends too.
            let leaves = (0..<count).map { _ in
                leaf(fee: UInt64.random(in: 0...2, using: &random), tokens: UInt64.random(in: 0...2, using: &random))
            }
            let tree = try SumTree(leaves)
            let owners = leaves.enumerated().flatMap { index, leaf in
                Array(repeating: UInt64(index), count: Int(leaf.sums[measure]))
            }
            for (point, owner) in owners.enumerated() {
                let index = try #require(tree.leafIndex(covering: UInt64(point), by: measure))
                #expect(index == owner)
                let proof = try #require(tree.proof(at: index))
                let interval = try proof.verify(leaves[Int(index)], in: tree.claim)
                #expect(interval.contains(UInt64(point), by: measure))
                #expect(interval.contains(interval.before[measure] + interval.sums[measure], by: measure) == false)
            }
            #expect(tree.leafIndex(covering: UInt64(owners.count), by: measure) == nil)
        }
    }

    @Test func treesThatAddUpToNothingCoverNothing() throws {
        let tree = try SumTree([leaf(fee: 0, tokens: 0), leaf(fee: 0, tokens: 0)])
        for measure in ItemMeasure.allCases { #expect(tree.leafIndex(covering: 0, by: measure) == nil) }
        let interval = try #require(tree.proof(at: 1)).verify(leaf(fee: 0, tokens: 0), in: tree.claim)
        #expect(!interval.contains(0, by: .fee))
        #expect(try SumTree([]).leafIndex(covering: 0, by: .fee) == nil)
        #expect(try SumTree([]).proof(at: 0) == nil)
    }

    @Test func sumsBeyond64BitsAreRefusedAndChangeNothing() throws {
        let leaves = [leaf(fee: .max - 1, tokens: 0), leaf(fee: 2, tokens: 0)]
        #expect(throws: ArithmeticError.overflow) { try SumTree(leaves) }
        var accumulator = SumTreeAccumulator()
        try accumulator.append(leaves[0])
        let before = accumulator.claim
        #expect(throws: ArithmeticError.overflow) { try accumulator.append(leaves[1]) }
        #expect(accumulator.claim == before)
        try accumulator.append(leaf(fee: 1, tokens: .max))
        #expect(accumulator.sums == ItemSums(fee: Amount(.max), tokens: .max))
    }
}
