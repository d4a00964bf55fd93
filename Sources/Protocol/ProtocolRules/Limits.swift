/// The largest sizes that this target accepts, each with its reason.
enum Limits {
    /// Siblings in a proof: a tree whose count fits 64 bits has at most 64 levels above its leaves.
    static let proofPathLengthMax = 64
    /// Siblings in a proof of several leaves: more than the largest number of samples needs in a tree of 2³² items.
    static let multiProofSiblingsMax = 16_384
}
