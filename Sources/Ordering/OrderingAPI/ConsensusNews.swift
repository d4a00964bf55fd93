import Primitives

/// What the consensus validators did, as a block tells of them. Empty where one node orders the blocks.
public struct ConsensusNews: Equatable, Sendable {
    /// Every consensus validator of the block before, once, and whether it signed that block: ABCI's `decided_last_commit`.
    public let votes: [CommitVote]
    /// What was proven against consensus validators since the block before.
    public let misbehavior: [Misbehavior]

    public static let none = ConsensusNews(votes: [], misbehavior: [])

    public init(votes: [CommitVote], misbehavior: [Misbehavior]) {
        self.votes = votes
        self.misbehavior = misbehavior
    }
}

/// Whether a consensus validator took part in a block.
public struct CommitVote: Equatable, Sendable {
    /// The first 20 bytes of SHA-256 of its Ed25519 key.
    public let validator: Bytes
    /// False where it was absent; a vote for no block was given all the same.
    public let isPresent: Bool

    public init(validator: Bytes, isPresent: Bool) {
        self.validator = validator
        self.isPresent = isPresent
    }
}

/// A proof that a consensus validator broke the rules of consensus, checked by the ordering.
public struct Misbehavior: Equatable, Sendable {
    public enum Kind: Equatable, Sendable {
        case duplicateVote
        case lightClientAttack
        /// A kind that this build does not know.
        case unknown
    }

    public let kind: Kind
    /// As in `CommitVote`.
    public let validator: Bytes
    /// The block that it broke them at.
    public let height: UInt64

    public init(kind: Kind, validator: Bytes, height: UInt64) {
        self.kind = kind
        self.validator = validator
        self.height = height
    }
}

/// A consensus validator's new power.
public struct ValidatorUpdate: Hashable, Sendable {
    /// Ed25519, 32 bytes.
    public let publicKey: Bytes
    /// From 0, which removes it, to 10⁹.
    public let power: UInt64

    public init(publicKey: Bytes, power: UInt64) {
        self.publicKey = publicKey
        self.power = power
    }
}
