import Foundation
import Primitives
import StateStore
import Testing
import WireFormat

/// The published proofs of other trees with the same specification, checked by our verifier.
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
        let proof = try ICS23Reader.proof(try #require(Hex.decode(vector.proof)))
        let root = try #require(Hex.decode(vector.root).flatMap { Hash32($0) })
        return (vector, proof, root, try #require(Hex.decode(vector.key)))
    }

    @Test(arguments: ["exist_left", "exist_middle", "exist_right"])
    func existenceIsVerified(name: String) throws {
        let (vector, proof, root, key) = try ICS23VectorTests.read(name)
        #expect(try proof.verify(root: root, key: key) == Hex.decode(vector.value))
        #expect(try StateProof.decode(proof.encoded()) == proof)
        #expect(throws: StateProofError.self) { _ = try proof.verify(root: .zero, key: key) }
        #expect(throws: StateProofError.otherKey) { _ = try proof.verify(root: root, key: key + [0]) }
    }

    @Test(arguments: ["nonexist_left", "nonexist_middle", "nonexist_right"])
    func absenceIsVerified(name: String) throws {
        let (_, proof, root, key) = try ICS23VectorTests.read(name)
        #expect(try proof.verify(root: root, key: key) == nil)
        #expect(try StateProof.decode(proof.encoded()) == proof)
        guard case .absence(let absence) = proof else { return }
        for leaf in [absence.left, absence.right].compactMap({ $0 }) {
            #expect(throws: StateProofError.notBetween) { _ = try proof.verify(root: root, key: leaf.key) }
            #expect(try StateProof.existence(leaf).verify(root: root, key: leaf.key) == leaf.value)
        }
        for half in [AbsenceProof(left: absence.left, right: nil), AbsenceProof(left: nil, right: absence.right)]
        where half != absence {
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

/// Reads ICS-23's `CommitmentProof` where every operation is one of the `TendermintSpec`, and refuses others.
private enum ICS23Reader {
    struct NotTendermint: Error {}

    static func proof(_ bytes: Bytes) throws -> StateProof {
        var fields = try Fields(bytes)
        if let existence = fields.take(1).first { return .existence(try leaf(existence)) }
        guard let absence = fields.take(2).first else { throw NotTendermint() }
        var parts = try Fields(absence)
        return .absence(
            AbsenceProof(left: try parts.take(2).first.map(leaf), right: try parts.take(3).first.map(leaf)))
    }

    private static func leaf(_ bytes: Bytes) throws -> LeafProof {
        var fields = try Fields(bytes)
        let (key, value) = (fields.take(1).first ?? [], fields.take(2).first ?? [])
        // Hash SHA-256, value hashed by SHA-256, lengths as varints, prefix 0.
        guard fields.take(3) == [[8, 1, 24, 1, 32, 1, 42, 1, 0]] else { throw NotTendermint() }
        return LeafProof(key: key, value: value, path: try fields.take(4).map(sibling))
    }

    private static func sibling(_ bytes: Bytes) throws -> LeafProof.Sibling {
        guard bytes.starts(with: [8, 1]) else { throw NotTendermint() }
        var fields = try Fields(Bytes(bytes.dropFirst(2)))
        let (prefix, suffix) = (fields.take(2).first ?? [], fields.take(3).first ?? [])
        guard prefix.first == 1, let hash = Hash32(prefix.dropFirst() + suffix) else { throw NotTendermint() }
        return LeafProof.Sibling(isLeft: suffix.isEmpty, hash: hash)
    }

    /// The length-delimited fields of a message.
    private struct Fields {
        private var values: [(number: UInt32, value: Bytes)] = []

        init(_ bytes: Bytes) throws {
            var decoder = ProtobufDecoder(bytes)
            while let number = try decoder.nextField() { values.append((number, try decoder.data(repeated: true))) }
        }

        mutating func take(_ number: UInt32) -> [Bytes] { values.filter { $0.number == number }.map(\.value) }
    }
}
