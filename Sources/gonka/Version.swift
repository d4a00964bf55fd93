import CBuild

/// What this build is.
enum Version {
    /// Semantic version of the software.
    static let number = "0.1.0"
    /// The protocol that it speaks; nodes of one network share it.
    static let protocolVersion = 1
    /// Abbreviated; ends in `-dirty` where the tree held changes that were not committed.
    static let commit = String(cString: gonka_build_commit())

    static var text: String { "gonka \(number) (commit \(commit), protocol \(protocolVersion))" }
}
