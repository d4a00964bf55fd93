import AsyncHTTPClient
import HostRoles
import Messages
import NIOCore
import NIOHTTP1
import NIOPosix
import OpenAIWire
import Primitives
import WireFormat

/// Claimants over HTTP/1.1. It follows no redirect and uses no proxy: a host's URL comes from the ledger, and a request goes there
/// or nowhere.
struct HTTPAuditSource: AuditSource {
    /// Why there is no item in an answer.
    enum Refusal: Error, Equatable {
        case unusableURL
        /// The claimant's error, where it is one that is known.
        case refused(status: UInt, code: OpenAIErrorCode?)
        case unexpectedContentType
        case tooLong
        /// It would not have been whole in time.
        case tooSlow
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
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.proxy = nil
        configuration.decompression = .disabled
        configuration.httpVersion = .http1Only
        configuration.timeout = HTTPClient.Configuration.Timeout(
            connect: Limits.auditConnectTimeout, read: Limits.auditReadTimeout)
        // It is tried again later.
        configuration.connectionPool.retryConnectionEstablishment = false
        client = HTTPClient(eventLoopGroup: .singletonMultiThreadedEventLoopGroup, configuration: configuration)
    }

    /// Closes the connections; call it when no request is open.
    func close() async throws { try await client.shutdown() }

    func fetch(_ signed: Signed<AuditRequest>, from url: String) async throws -> Bytes {
        guard let endpoint = Self.endpoint(of: url) else { throw Refusal.unusableURL }
        var request = HTTPClientRequest(url: endpoint)
        request.method = .POST
        request.headers = ["content-type": AuditRoute.contentType, "user-agent": "gonka-host"]
        request.body = .bytes(ByteBuffer(bytes: signed.encoded()))
        let deadline = now() + timeout
        let response = try await client.execute(request, deadline: deadline)
        guard response.status == .ok else { throw try await Self.refusal(response) }
        guard response.headers.first(name: "content-type") == AuditRoute.contentType else {
            throw Refusal.unexpectedContentType
        }
        return try await read(response.body, until: deadline)
    }

    /// The client's own deadline ends with the head: a claimant that dribbles would hold an auditor for ever.
    private func read(_ body: HTTPClientResponse.Body, until deadline: NIODeadline) async throws -> Bytes {
        var bytes = Bytes()
        for try await buffer in body {
            guard buffer.readableBytes <= bytesMax - bytes.count else { throw Refusal.tooLong }
            bytes.append(contentsOf: buffer.readableBytesView)
            guard now() < deadline else { throw Refusal.tooSlow }
        }
        return bytes
    }

    private static func refusal(_ response: HTTPClientResponse) async throws -> Refusal {
        let body = Bytes(buffer: try await response.body.collect(upTo: Limits.auditRefusalBytesMax))
        let error = (try? JSONParser.parse(body)).flatMap { OpenAIError.parse($0) }
        return .refused(status: response.status.code, code: error?.code)
    }

    /// The address of audits at a host, or nil for a URL that is not plain HTTP(S) without user and query.
    static func endpoint(of url: String) -> String? {
        guard let scheme = ["http://", "https://"].first(where: { url.hasPrefix($0) }) else { return nil }
        let rest = url.utf8.dropFirst(scheme.utf8.count)
        let isPlain = rest.allSatisfy { byte in
            byte > 0x20 && byte < 0x7f && !"@?#\\".utf8.contains(byte)
        }
        guard isPlain, let first = rest.first, first != UInt8(ascii: "/") else { return nil }
        var base = url
        while base.hasSuffix("/") { base.removeLast() }
        return base + (base.hasSuffix("/v1") ? "" : "/v1") + "/audits"
    }
}
