import Cryptography
import Primitives
import ProtocolRules
import Testing
import WireFormat

/// reliability.md H3: whatever is changed about a proof, its leaf or its claim, it is refused.
@Suite struct SumTreeProofTests {
    /// What a verifier is handed, taken apart so that each part can be changed.
    struct Case: Equatable {
        var index: UInt64
        var path: [SumTreeNode]
        var leaf: SumTreeNode
        var claim: SumTreeClaim

        var isAccepted: Bool {
            do {
                _ = try SumTreeProof(index: index, path: path).verify(leaf, in: claim)
                return true
            } catch { return false }
        }
    }

    @Test func everyStructuralMutationIsRefused() throws {
        var random = SplitMix64(seed: 2)
        var tried = 0
        while tried < 40_000 {
            let count = Int.random(in: 1...40, using: &random)
            let leaves = exampleLeaves(count)
            let tree = try SumTree(leaves)
            for index in 0..<count {
                let proof = try #require(tree.proof(at: UInt64(index)))
                let honest = Case(index: proof.index, path: proof.path, leaf: leaves[index], claim: tree.claim)
                #expect(honest.isAccepted)
                for mutation in mutations(using: &random) {
                    var mutant = honest
                    mutation(&mutant)
                    guard mutant != honest else { continue }
                    tried += 1
                    #expect(!mutant.isAccepted, "leaf \(index) of \(count): \(mutant)")
                }
            }
        }
    }

    private func mutations(using random: inout SplitMix64) -> [(inout Case) -> Void] {
        let (word, place) = (random.next(), Int(random.next() % 64))
        return places(word) + paths(word, place) + figures(word, place)
    }

    private func places(_ word: UInt64) -> [(inout Case) -> Void] {
        [
            { $0.index ^= 1 << (word % 64) },
            { $0.index &+= 1 },
            { $0.index &-= 1 },
            { $0.index = $0.claim.count },
            { $0.index = word },
            { $0.index = word % $0.claim.count },
        ]
    }

    private func paths(_ word: UInt64, _ place: Int) -> [(inout Case) -> Void] {
        let stray = leaf(fee: word % 3, tokens: word % 5)
        return [
            { if !$0.path.isEmpty { $0.path.remove(at: place % $0.path.count) } },
            { $0.path.insert(stray, at: place % ($0.path.count + 1)) },
            // The odd node at a level's end joined with itself.
            { $0.path.append($0.path.last ?? $0.leaf) },
            { $0.path.insert($0.leaf, at: 0) },
            { $0.path.reverse() },
            { if $0.path.count > 1 { $0.path.swapAt(place % $0.path.count, (place + 1) % $0.path.count) } },
            { if !$0.path.isEmpty { $0.path[place % $0.path.count] = stray } },
            // The leaf and its sibling change sides.
            { mutant in
                guard let first = mutant.path.first else { return }
                mutant.path[0] = mutant.leaf
                mutant.leaf = first
            },
            // A node passed off as a leaf, one level up.
            { mutant in
                guard let first = mutant.path.first else { return }
                let (left, right) = mutant.index % 2 == 1 ? (first, mutant.leaf) : (mutant.leaf, first)
                mutant.leaf = (try? SumTreeNode.joining(left, right)) ?? mutant.leaf
                mutant.path.removeFirst()
                mutant.index /= 2
            },
        ]
    }

    private func figures(_ word: UInt64, _ place: Int) -> [(inout Case) -> Void] {
        func altered(_ node: SumTreeNode, fee: UInt64 = 0, tokens: UInt64 = 0, bit: UInt8 = 0) -> SumTreeNode {
            var hash = node.hash.bytes
            hash[place % 32] ^= bit
            let sums = ItemSums(fee: Amount(node.sums.fee.ngonka &+ fee), tokens: node.sums.tokens &+ tokens)
            return SumTreeNode(hash: Hash32(hash) ?? node.hash, sums: sums)
        }
        func altered(_ claim: SumTreeClaim, count: UInt64 = 0, fee: UInt64 = 0, tokens: UInt64 = 0) -> SumTreeClaim {
            let sums = ItemSums(fee: Amount(claim.sums.fee.ngonka &+ fee), tokens: claim.sums.tokens &+ tokens)
            return SumTreeClaim(root: claim.root, count: claim.count &+ count, sums: sums)
        }
        return [
            { $0.leaf = altered($0.leaf, bit: 1 << (word % 8)) },
            { $0.leaf = altered($0.leaf, fee: word | 1) },
            { $0.leaf = altered($0.leaf, tokens: word | 1) },
            { $0.claim = altered($0.claim, count: 1) },
            { $0.claim = altered($0.claim, count: word | 1) },
            { $0.claim = altered($0.claim, fee: word | 1) },
            { $0.claim = altered($0.claim, tokens: 1) },
            { mutant in
                guard !mutant.path.isEmpty else { return }
                let sibling = place % mutant.path.count
                mutant.path[sibling] = altered(mutant.path[sibling], bit: 1 << (word % 8))
            },
            // One unit moved from the leaf to its sibling: the total stays.
            { mutant in
                guard let first = mutant.path.first else { return }
                mutant.path[0] = altered(first, fee: 1)
                mutant.leaf = altered(mutant.leaf, fee: .max)
            },
        ]
    }

    @Test func saysWhatIsWrong() throws {
        let leaves = exampleLeaves(5)
        let tree = try SumTree(leaves)
        let proof = try #require(tree.proof(at: 2))
        func failure(_ proof: SumTreeProof, _ leaf: SumTreeNode, _ claim: SumTreeClaim) -> SumTreeProofError? {
            do throws(SumTreeProofError) { _ = try proof.verify(leaf, in: claim) } catch { return error }
            return nil
        }
        #expect(failure(proof, leaves[2], tree.claim) == nil)
        #expect(failure(SumTreeProof(index: 5, path: proof.path), leaves[2], tree.claim) == .indexOutsideTree)
        #expect(failure(proof, leaves[2], try SumTree([]).claim) == .indexOutsideTree)
        #expect(
            failure(SumTreeProof(index: 2, path: proof.path.dropLast()), leaves[2], tree.claim) == .wrongPathLength)
        #expect(
            failure(SumTreeProof(index: 2, path: proof.path + [leaves[0]]), leaves[2], tree.claim) == .wrongPathLength)
        #expect(failure(proof, leaves[3], tree.claim) == .rootMismatch)
        let huge = [leaf(fee: .max, tokens: 0)] + proof.path.dropFirst()
        #expect(failure(SumTreeProof(index: 2, path: huge), leaves[2], tree.claim) == .sumsOverflow)
    }

    @Test func theLargestTreeNeedsNoMoreThanTheLongestPath() throws {
        let node = leaf(fee: 0, tokens: 0)
        let claim = SumTreeClaim(root: .zero, count: .max, sums: .zero)
        let longest = SumTreeProof(index: 0, path: Array(repeating: node, count: 64))
        #expect(throws: SumTreeProofError.rootMismatch) { try longest.verify(node, in: claim) }
        #expect(try SumTreeProof.decode(longest.encoded()) == longest)
        let longer = SumTreeProof(index: 0, path: longest.path + [node])
        #expect(throws: WireError.invalidValue(number: 2)) { try SumTreeProof.decode(longer.encoded()) }
    }
}
