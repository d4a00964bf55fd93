import NIOCore

/// The bounds of how an auditor asks claimants.
enum Limits {
    static let auditConnectTimeout = TimeAmount.seconds(5)
    /// Between two pieces of an answer.
    static let auditReadTimeout = TimeAmount.seconds(10)
    /// For a whole item: ten megabytes at three megabits a second.
    static let auditFetchTimeout = TimeAmount.seconds(30)
    /// Bytes of an error that are read.
    static let auditRefusalBytesMax = 4_096
}
