/// A system call that failed.
public struct SystemCallError: Error, Equatable, Sendable, CustomStringConvertible {
    /// For example `fsync`.
    public let call: String
    public let path: String
    /// For example `No space left on device`.
    public let reason: String

    public var description: String { "\(call) of \(path) failed: \(reason)" }

    package init(call: String, path: String, reason: String) {
        self.call = call
        self.path = path
        self.reason = reason
    }
}
