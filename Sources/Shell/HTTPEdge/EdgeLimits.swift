import NIOCore

/// The bounds of every HTTP server of this project. A request outside them is refused before anything else looks at it.
public struct EdgeLimits: Sendable {
    /// The longest body, in bytes.
    public var bodyBytesMax = 10 << 20
    /// The bodies of all requests in flight together, in bytes, where a server keeps a `BodyBudget`.
    public var bodiesBytesMax = 128 << 20
    /// Header fields of one request.
    public var headerCountMax = 100
    /// All header fields of one request together, in bytes.
    public var headerBytesMax = 16 << 10
    /// From connecting to the end of the first request's header.
    public var headerDeadline = TimeAmount.seconds(10)
    /// From the end of the header to the end of the body.
    public var bodyDeadline = TimeAmount.seconds(30)
    /// How long a connection may lie idle between requests.
    public var idleTimeout = TimeAmount.seconds(60)
    /// How long a client may leave what was sent to it untaken.
    public var stallDeadline = TimeAmount.seconds(60)
    /// How long what a refused client still sends is read and dropped, so that it can read the refusal.
    public var lingerDeadline = TimeAmount.seconds(2)
    /// Connections at once; more wait in the kernel's queue.
    public var connectionsMax = 1_024
    /// Connections of one remote address at once; one more is closed.
    public var connectionsPerAddressMax = 128
    /// Whether this machine's own addresses are counted too; tests have no others.
    var countsLoopback = false

    public init() {}

    /// What a refusal for load tells the client to wait, in seconds.
    static let retryAfterSeconds: UInt32 = 1
}
