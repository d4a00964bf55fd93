import Foundation
import Primitives
import StateStore
import Testing
import WireFormat

/// The published proofs of other trees with the same specification, read and checked by our verifier.
@Suite struct ICS23VectorTests {
    struct Vector: Decodable {
        let key: String
        let proof: String
        let root: String
        let value: String
    }

    private static func read(_ name: String) throws -> (vector: Vector, proof: StateProof, root: Hash32, key: Bytes) {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let data = try Data(contentsOf: folder.appending(path: "Vectors/ics23/tendermint_\(name).json"))
        let vector = try JSONDecoder().decode(Vector.self, from: data)
        let bytes = try #require(Hex.decode(vector.proof))
        let proof = try StateProof.decode(bytes)
        #expect(proof.encoded() == bytes, "others write the same bytes")
        let root = try #require(Hex.decode(vector.root).flatMap { Hash32($0) })
        return (vector, proof, root, try #require(Hex.decode(vector.key)))
    }

    @Test(arguments: ["exist_left", "exist_middle", "exist_right"])
    func existenceIsVerified(name: String) throws {
        let (vector, proof, root, key) = try ICS23VectorTests.read(name)
        #expect(try proof.verify(root: root, key: key) == Hex.decode(vector.value))
        #expect(throws: StateProofError.self) { _ = try proof.verify(root: .zero, key: key) }
        #expect(throws: StateProofError.otherKey) { _ = try proof.verify(root: root, key: key + [0]) }
    }

    @Test(arguments: ["nonexist_left", "nonexist_middle", "nonexist_right"])
    func absenceIsVerified(name: String) throws {
        let (_, proof, root, key) = try ICS23VectorTests.read(name)
        #expect(try proof.verify(root: root, key: key) == nil)
        guard case .absence(let absence) = proof else { return }
        for leaf in [absence.left, absence.right].compactMap({ $0 }) {
            #expect(throws: StateProofError.otherKey) { _ = try proof.verify(root: root, key: leaf.key) }
            let claim = AbsenceProof(key: leaf.key, left: absence.left, right: absence.right)
            #expect(throws: StateProofError.notBetween) {
                _ = try StateProof.absence(claim).verify(root: root, key: leaf.key)
            }
            #expect(try StateProof.existence(leaf).verify(root: root, key: leaf.key) == leaf.value)
        }
        for half in [
            AbsenceProof(key: key, left: absence.left, right: nil),
            AbsenceProof(key: key, left: nil, right: absence.right),
        ] where half != absence {
            #expect(throws: StateProofError.self) { _ = try StateProof.absence(half).verify(root: root, key: key) }
        }
    }

    @Test(arguments: [
        "exist_left", "exist_middle", "exist_right", "nonexist_left", "nonexist_middle", "nonexist_right",
    ])
    func everyFlippedByteFails(name: String) throws {
        let (_, proof, root, key) = try ICS23VectorTests.read(name)
        let bytes = proof.encoded()
        for index in bytes.indices {
            for mask: UInt8 in [0x01, 0xFF] {
                var changed = bytes
                changed[index] ^= mask
                #expect(throws: (any Error).self) {
                    _ = try StateProof.decode(changed).verify(root: root, key: key)
                }
            }
        }
    }
}
