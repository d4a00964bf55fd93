import AsyncHTTPClient
import NIOCore

/// How requests reach hosts: over HTTP; in tests by a script.
protocol HostTransport: Sendable {
    /// Sends a request, asking for a stream whatever the body says, and returns the answer's head; the body arrives as it is
    /// read, and reading no further cancels the rest.
    ///
    /// - Throws: `HostFault`: `.unreachable` where nothing was sent, else `.broken` or `.timedOut`; `CancellationError`.
    func send(_ request: HostRequest) async throws -> HTTPClientResponse
}

/// A request as one host gets it.
struct HostRequest: Sendable {
    /// The host's URL as the ledger has it.
    let url: String
    /// The signed voucher, base64url.
    let voucher: String
    let body: ByteBuffer
    /// Until the answer's head; nil for as long as the transport waits for any.
    var timeout: Duration?
}
