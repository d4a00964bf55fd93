import NIOCore

/// The bounds of how a host asks others.
enum Limits {
    static let connectTimeout = TimeAmount.seconds(5)
    /// Between two pieces of a claimant's answer.
    static let auditReadTimeout = TimeAmount.seconds(10)
    /// For a whole item: ten megabytes at three megabits a second.
    static let auditFetchTimeout = TimeAmount.seconds(30)
    /// Bytes of an error that are read.
    static let auditRefusalBytesMax = 4_096
}
