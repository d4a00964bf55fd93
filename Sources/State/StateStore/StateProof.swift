import Primitives
import WireFormat

/// Why a proof does not prove what it is asked for.
public enum StateProofError: Error, Equatable, Sendable {
    /// A key, value or path is over its limit in `StateLimits`.
    case tooLarge
    /// The proof speaks of another key.
    case otherKey
    /// The proof leads to another root than the one that is trusted.
    case otherRoot(computed: Hash32)
    /// The neighbours in a proof of absence are not on either side of the key.
    case notBetween
    /// Between the neighbours in a proof of absence, or between one and the end, there is room for other keys.
    case notAdjacent
}

/// Shows against a root what a key holds, or that it holds nothing.
///
/// On the wire this is ICS-23's `cosmos.ics23.v1.CommitmentProof`, byte for byte, with the operations of its `TendermintSpec`, so
/// that any ICS-23 verifier can check it (`proto/cosmos/ics23/v1/proofs.proto`). Other operations and kinds of proof are
/// refused when read.
public enum StateProof: Equatable, Sendable {
    /// The key's own leaf.
    case existence(LeafProof)
    /// The leaves next to where the key would be.
    case absence(AbsenceProof)

    /// What `key` holds in the state of `root`: its value, or nil where the proof shows that it holds nothing.
    ///
    /// - Throws: where the proof shows neither.
    /// - Complexity: at most `StateLimits.depthMax` hashes a leaf.
    public func verify(root: Hash32, key: Bytes) throws(StateProofError) -> Bytes? {
        switch self {
        case .existence(let leaf):
            guard leaf.key == key else { throw .otherKey }
            try leaf.verify(root: root)
            return leaf.value
        case .absence(let absence):
            guard absence.key == key else { throw .otherKey }
            try absence.verify(root: root)
            return nil
        }
    }
}

extension StateProof: CanonicalMessage {
    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        guard let field = try decoder.nextField() else { throw .missingField(number: 1) }
        switch field {
        case 1: self = .existence(try decoder.message(LeafProof.self))
        case 2: self = .absence(try decoder.message(AbsenceProof.self))
        default: throw decoder.unknownField()
        }
        if try decoder.nextField() != nil { throw decoder.unknownField() }
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        switch self {
        case .existence(let leaf): encoder.write(leaf, field: 1)
        case .absence(let absence): encoder.write(absence, field: 2)
        }
    }
}
