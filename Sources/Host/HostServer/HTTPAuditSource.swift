import AsyncHTTPClient
import HTTPOutbound
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
    private let timeout: TimeAmount
    private let bytesMax: Int
    private let now: @Sendable () -> NIODeadline

    /// - Parameters:
    ///   - timeout: for a whole item.
    ///   - bytesMax: of an item.
    ///   - now: the time; another one for tests.
    init(
        timeout: TimeAmount = Limits.auditFetchTimeout, bytesMax: Int = HostRoles.Limits.auditPayloadBytesMax,
        now: @escaping @Sendable () -> NIODeadline = { .now() }
    ) {
        self.now = now
        self.timeout = timeout
        self.bytesMax = bytesMax
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
        let deadline = now() + timeout
        let response = try await client.execute(request, deadline: deadline)
        guard response.status == .ok else { throw try await refusal(response, by: deadline) }
        guard response.headers.first(name: "content-type") == AuditRoute.contentType else {
            throw Refusal.unexpectedContentType
        }
        return try await response.body.whole(upTo: bytesMax, by: deadline, now: now)
    }

    private func refusal(_ response: HTTPClientResponse, by deadline: NIODeadline) async throws -> Refusal {
        let body = try await response.body.whole(upTo: Limits.auditRefusalBytesMax, by: deadline, now: now)
        let error = (try? JSONParser.parse(body)).flatMap { OpenAIError.parse($0) }
        return .refused(status: response.status.code, code: error?.code)
    }
}
