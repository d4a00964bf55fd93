/// The largest sizes that this target accepts, each with its reason.
enum Limits {
    /// Siblings in a proof: a tree whose count fits 64 bits has at most 64 levels above its leaves.
    static let proofPathLengthMax = 64
}
