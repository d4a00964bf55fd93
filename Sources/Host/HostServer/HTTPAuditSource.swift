import AsyncHTTPClient
import HostRoles
import Messages
import NIOCore
import NIOHTTP1
import NIOPosix
import OpenAIWire
import Primitives
import WireFormat

/// Claimants over HTTP/1.1.
struct HTTPAuditSource: AuditSource {
    /// Why there is no item in an answer.
    enum Refusal: Error, Equatable {
        case unusableURL
        /// The claimant's error, where it is one that is known.
        case refused(status: UInt, code: OpenAIErrorCode?)
        case unexpectedContentType
    }

    private let client: HTTPClient

    init() {
        client = HTTPClient(
            eventLoopGroup: .singletonMultiThreadedEventLoopGroup,
            configuration: .toHosts(connect: Limits.connectTimeout, read: Limits.auditReadTimeout))
    }

    /// Closes the connections; call it when no request is open.
    func close() async throws { try await client.shutdown() }

    func fetch(_ signed: Signed<AuditRequest>, from url: String) async throws -> Bytes {
        guard let endpoint = HostEndpoint.address(of: "audits", at: url) else { throw Refusal.unusableURL }
        var request = HTTPClientRequest(url: endpoint)
        request.method = .POST
        request.headers = ["content-type": AuditRoute.contentType, "user-agent": "gonka-host"]
        request.body = .bytes(ByteBuffer(bytes: signed.encoded()))
        // The deadline is for the head and the body together: a claimant that dribbles is one that hands out nothing.
        let response = try await client.execute(request, deadline: .now() + Limits.auditFetchTimeout)
        guard response.status == .ok else { throw try await Self.refusal(response) }
        guard response.headers.first(name: "content-type") == AuditRoute.contentType else {
            throw Refusal.unexpectedContentType
        }
        return Bytes(buffer: try await response.body.collect(upTo: HostRoles.Limits.auditPayloadBytesMax))
    }

    private static func refusal(_ response: HTTPClientResponse) async throws -> Refusal {
        let body = Bytes(buffer: try await response.body.collect(upTo: Limits.auditRefusalBytesMax))
        let error = (try? JSONParser.parse(body)).flatMap { OpenAIError.parse($0) }
        return .refused(status: response.status.code, code: error?.code)
    }
}
