import Primitives

/// Verifies transactions before their turn: on a snapshot of the committed state, from any thread, several at once. What it
/// finds is a gift: an application that is not handed it finds it out itself, with the same answer.
public protocol TransactionVerifier: Sendable {
    /// What is known of these bytes for good, or nil where that can be said only at the transaction's turn.
    func verify(_ bytes: Bytes) -> (any VerifiedBytes)?
}

/// What a verifier found. Only the application that the verifier is from can read it.
public protocol VerifiedBytes: Sendable {
    /// SHA-256 of the transaction's bytes.
    var hash: Hash32 { get }
}

extension ReplicatedApplication {
    public var verifier: (any TransactionVerifier)? { nil }

    public func adopt(_ verified: [any VerifiedBytes]) {}
}
