import Messages

/// How a witness reaches executors.
package protocol RequestForwarder: Sendable {
    /// Sends `request` to the executor at `url` as a gateway does, and gives the answer up when its first byte is there.
    ///
    /// - Throws: `CancellationError` only.
    func forward(_ request: SignedRequest, to url: String) async throws -> ForwardedReply
}

/// What came of a request that was forwarded.
package enum ForwardedReply: Equatable, Sendable {
    /// No connection, one that broke, or no byte in time.
    case nothing
    /// An answer began, with this HTTP status.
    case status(UInt)

    /// What a witness may sign; nil where the executor did what it must, and where it says that the request is at fault.
    var miss: MissReason? {
        switch self {
        case .nothing: .silence
        case .status(429), .status(503): .load
        case .status: nil
        }
    }
}
