/// What this build is.
enum Version {
    /// Semantic version of the software.
    static let number = "0.1.0"
    /// The protocol that it speaks; nodes of one network share it.
    static let protocolVersion = 1

    static var text: String { "gonka \(number) (protocol \(protocolVersion))" }
}
