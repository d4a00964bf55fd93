import Cryptography
import Primitives
import Testing
import WireFormat

@testable import StateStore

@Suite struct StateProofTests {
    private static func tree(_ keys: [String]) -> StateTree {
        StateTree().applying(keys.map { StateChange(key: Bytes($0.utf8), value: Bytes("value of \($0)".utf8)) })
    }

    @Test(arguments: [
        [], ["a"], ["a", "ab"], ["a", "ab", "a\0"], ["", "a"], ["b", "d", "f", "h"],
        ["a", "b", "c", "d", "e", "f", "g"],
    ])
    func everyKeyIsProvenThereOrNot(keys: [String]) throws {
        let tree = StateProofTests.tree(keys)
        for key in ["", "\0", "a", "a\0", "a\0\0", "aa", "ab", "abc", "b", "c", "d", "e", "g", "h", "i", "zz"] {
            let proof = try StateProof.decode(try tree.prove(Bytes(key.utf8)).encoded())
            let proven = try proof.verify(root: tree.root, key: Bytes(key.utf8))
            #expect(proven == (keys.contains(key) ? Bytes("value of \(key)".utf8) : nil), "\(key)")
        }
    }

    @Test(arguments: UInt64(0)..<20)
    func randomKeysAreProven(seed: UInt64) throws {
        var numbers = SeededNumbers(seed: seed)
        var model = ModelState()
        for _ in 0..<Int.random(in: 0...60, using: &numbers) { model[numbers.key()] = numbers.value() }
        let tree = try #require(StateTree(ascending: model.entries))
        for key in model.entries.map(\.key) + (0..<40).map({ _ in numbers.key() }) {
            let proof = try tree.prove(key)
            #expect(try proof.verify(root: model.root, key: key) == model[key])
            #expect(try StateProof.decode(proof.encoded()) == proof)
            let other = numbers.key()
            guard let claimed = try? proof.verify(root: model.root, key: other) else { continue }
            #expect(claimed == model[other])
        }
    }

    /// Written by a program in another language from the definitions: a change here breaks every client that checks proofs.
    @Test(arguments: [
        (
            "a",
            "0a430a0161120a76616c7565206f6620611a090801180120012a0100222708011201011a200caaa1683003503efc7bd695e9"
                + "d2b71b21ca6c040369677ef109bc6868a6d2f5"
        ),
        (
            "aa",
            "128c010a02616112430a0161120a76616c7565206f6620611a090801180120012a0100222708011201011a200caaa1683003"
                + "503efc7bd695e9d2b71b21ca6c040369677ef109bc6868a6d2f51a410a0162120a76616c7565206f6620621a090801180120"
                + "012a010022250801122101b188fad2ecd79f574f1d4c191e00f706c943d152fb4638b71e2a27f3d4cdb51c"
        ),
    ])
    func proofBytesAreGolden(key: String, bytes: String) throws {
        let tree = StateProofTests.tree(["a", "b"])
        #expect(tree.root.description == "daeddfb9c9b7e42103d05a50dec2eee7fd503a496721adf248783066535c6955")
        #expect(Hex.encode(try tree.prove(Bytes(key.utf8)).encoded()) == bytes)
    }

    /// A proof with one bit or one whole byte flipped proves nothing about the key, neither a value nor absence.
    @Test(arguments: ["c", "d", "0", "z"])
    func everyFlippedByteFails(key: String) throws {
        let tree = StateProofTests.tree(["a", "b", "d", "e", "f"])
        let key = Bytes(key.utf8)
        let bytes = try tree.prove(key).encoded()
        for index in bytes.indices {
            for mask: UInt8 in [0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0xFF] {
                var changed = bytes
                changed[index] ^= mask
                #expect(throws: (any Error).self, "byte \(index) mask \(mask)") {
                    _ = try StateProof.decode(changed).verify(root: tree.root, key: key)
                }
            }
        }
        for count in bytes.indices {
            #expect(throws: (any Error).self) {
                _ = try StateProof.decode(Bytes(bytes.prefix(count))).verify(root: tree.root, key: key)
            }
        }
    }

    @Test func neighboursThatAreNotAdjacentProveNoAbsence() throws {
        let keys = ["b", "d", "f", "h", "j"]
        let tree = StateProofTests.tree(keys)
        let leaves = try keys.map { key throws in
            guard case .existence(let leaf) = try tree.prove(Bytes(key.utf8)) else { throw StateProofError.otherKey }
            return leaf
        }
        func verify(_ key: String, left: LeafProof?, right: LeafProof?) throws -> Bytes? {
            let key = Bytes(key.utf8)
            return try StateProof.absence(AbsenceProof(key: key, left: left, right: right))
                .verify(root: tree.root, key: key)
        }
        for left in 0..<leaves.count {
            for right in 0..<leaves.count where right != left + 1 {
                for key in ["b", "c", "d", "e", "f", "g", "h", "i", "j"] {
                    #expect(throws: StateProofError.self) {
                        try verify(key, left: leaves[left], right: leaves[right])
                    }
                }
            }
        }
        for key in ["i", "z"] {
            #expect(throws: StateProofError.notAdjacent) { try verify(key, left: leaves[3], right: nil) }
        }
        for key in ["c", "a"] {
            #expect(throws: StateProofError.notAdjacent) { try verify(key, left: nil, right: leaves[1]) }
        }
        #expect(throws: StateProofError.otherRoot(computed: StateTree().root)) {
            try verify("a", left: nil, right: nil)
        }
        #expect(try verify("c", left: leaves[0], right: leaves[1]) == nil)
    }

    /// The key is beside the neighbours in what is sent, and no hash covers it.
    @Test func absenceIsOfTheKeyThatWasAskedFor() throws {
        let tree = StateProofTests.tree(["b", "d"])
        let proof = try tree.prove(Bytes("c".utf8))
        #expect(try proof.verify(root: tree.root, key: Bytes("c".utf8)) == nil)
        for key in ["ca", "", "b", "d"] {
            #expect(throws: StateProofError.otherKey) { _ = try proof.verify(root: tree.root, key: Bytes(key.utf8)) }
        }
    }

    @Test func innerNodeIsNoLeafAndLeafNoInnerNode() throws {
        let tree = StateProofTests.tree(["a", "b"])
        guard case .existence(let leaf) = try tree.prove(Bytes("a".utf8)), let sibling = leaf.path.first else {
            Issue.record("no proof")
            return
        }
        let own = NodeHash.leaf(key: leaf.key, value: leaf.value)
        // The two hashes of the root, offered as the key and value of a leaf.
        let asLeaf = LeafProof(key: own.bytes, value: sibling.hash.bytes, path: [])
        #expect(throws: StateProofError.self) {
            _ = try StateProof.existence(asLeaf).verify(root: tree.root, key: own.bytes)
        }
        #expect(throws: StateProofError.otherKey) {
            _ = try StateProof.existence(leaf).verify(root: tree.root, key: Bytes("b".utf8))
        }
        #expect(throws: StateProofError.otherRoot(computed: tree.root)) {
            _ = try StateProof.existence(leaf).verify(root: .zero, key: leaf.key)
        }
    }

    @Test func limitsHoldWhereTheyAreAndFailAboveThem() throws {
        let longKey = Bytes(repeating: 1, count: StateLimits.keyBytesMax)
        let largeValue = Bytes(repeating: 2, count: StateLimits.valueBytesMax)
        let tree = StateTree().applying([
            StateChange(key: longKey, value: largeValue), StateChange(key: longKey + [0], value: []),
            StateChange(key: [0], value: largeValue + [0]), StateChange(key: [2], value: []),
        ])
        let proof = try tree.prove(longKey)
        #expect(proof.encoded().count <= StateLimits.proofBytesMax)
        #expect(try proof.verify(root: tree.root, key: longKey) == largeValue)
        #expect(try StateProof.decode(proof.encoded()) == proof)
        for key in [longKey + [0], [0], [0, 0], [1, 9]] {
            #expect(throws: StateProofError.tooLarge) { _ = try tree.prove(key) }
        }
        let step = LeafProof.Sibling(isLeft: false, hash: .zero)
        for leaf in [
            LeafProof(key: longKey + [0], value: [], path: []), LeafProof(key: [0], value: largeValue + [0], path: []),
            LeafProof(key: [0], value: [], path: Array(repeating: step, count: StateLimits.depthMax + 1)),
        ] {
            #expect(throws: StateProofError.tooLarge) {
                _ = try StateProof.existence(leaf).verify(root: .zero, key: leaf.key)
            }
            #expect(throws: WireError.self) { _ = try StateProof.decode(StateProof.existence(leaf).encoded()) }
        }
    }

    /// Keys that are each a prefix of the next and part in every bit make the deepest path a proof can have.
    @Test func deepestPathIsProven() throws {
        let longest = Bytes(repeating: 0xFF, count: StateLimits.keyBytesMax)
        var changes = [StateChange(key: longest, value: [1])]
        for index in longest.indices {
            changes.append(StateChange(key: Bytes(longest.prefix(index)), value: [2]))
            for bit in 0..<8 {
                changes.append(StateChange(key: longest.prefix(index) + [0xFF ^ (0x80 >> UInt8(bit))], value: [3]))
            }
        }
        let tree = StateTree().applying(changes)
        let proof = try tree.prove(longest)
        guard case .existence(let leaf) = proof else {
            Issue.record("not there")
            return
        }
        #expect(leaf.path.count == StateLimits.depthMax - 1)
        #expect(try proof.verify(root: tree.root, key: longest) == [1])
        #expect(tree.applying(changes.map { StateChange(key: $0.key, value: nil) }).isEmpty)
    }
}
