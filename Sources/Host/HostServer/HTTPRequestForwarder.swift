import AsyncHTTPClient
import HTTPOutbound
import HostRoles
import Messages
import NIOCore
import NIOHTTP1
import NIOPosix
import Primitives

/// Executors over HTTP/1.1, asked as a gateway asks them.
struct HTTPRequestForwarder: RequestForwarder {
    private let client: HTTPClient
    private let wait: TimeAmount

    /// - Parameter wait: for an answer's first byte.
    init(wait: Duration) {
        self.wait = TimeAmount(wait)
        client = HTTPClient(
            eventLoopGroup: .singletonMultiThreadedEventLoopGroup,
            configuration: .toHosts(connect: Limits.connectTimeout, read: self.wait))
    }

    /// Closes the connections; call it when no request is open.
    func close() async throws { try await client.shutdown() }

    func forward(_ request: SignedRequest, to url: String) async throws -> ForwardedReply {
        guard let address = HostEndpoint.address(of: "chat/completions", at: url) else { return .nothing }
        var outgoing = HTTPClientRequest(url: address)
        outgoing.method = .POST
        outgoing.headers = [
            "content-type": "application/json", "accept": "text/event-stream", "user-agent": "gonka-host",
        ]
        outgoing.headers.add(name: VoucherHeader.name, value: VoucherHeader.text(request.voucher))
        outgoing.body = .bytes(ByteBuffer(bytes: request.body))
        do {
            // Its body is never read, which ends the request.
            return .status(try await client.execute(outgoing, deadline: .now() + wait).status.code)
        } catch let error as HTTPClientError where error == .cancelled || error == .alreadyShutdown {
            throw CancellationError()
        } catch {
            try Task.checkCancellation()
            return .nothing
        }
    }
}
