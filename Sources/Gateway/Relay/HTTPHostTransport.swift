import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOPosix
import Primitives

/// Hosts over HTTP/1.1 with connections that are kept. It follows no redirect and uses no proxy: a host's URL comes from the
/// ledger, and a request goes there or nowhere.
struct HTTPHostTransport: HostTransport {
    private let client: HTTPClient
    private let limits: AnswerLimits

    init(limits: AnswerLimits = AnswerLimits()) {
        self.limits = limits
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.proxy = nil
        configuration.decompression = .disabled
        configuration.httpVersion = .http1Only
        configuration.timeout = HTTPClient.Configuration.Timeout(
            connect: Limits.connectTimeout, read: TimeAmount(limits.silenceTimeout))
        configuration.connectionPool.idleTimeout = Limits.connectionIdleTimeout
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = Limits.connectionsPerHostMax
        // Another host is tried instead.
        configuration.connectionPool.retryConnectionEstablishment = false
        client = HTTPClient(eventLoopGroup: .singletonMultiThreadedEventLoopGroup, configuration: configuration)
    }

    /// Closes the connections; call it when no request is open.
    func close() async throws { try await client.shutdown() }

    func send(_ request: HostRequest) async throws -> HTTPClientResponse {
        try await post(request, to: "chat/completions", timeout: limits.firstTokenTimeout)
    }

    /// Posts a request to one of the addresses at a host that take requests with vouchers.
    ///
    /// - Parameter timeout: until the answer's head.
    /// - Throws: as `send`.
    func post(
        _ request: HostRequest, to path: String, timeout: Duration
    ) async throws -> HTTPClientResponse {
        guard let url = Self.endpoint(of: request.url, path) else {
            throw HostFault.unreachable("its URL is not usable")
        }
        var outgoing = HTTPClientRequest(url: url)
        outgoing.method = .POST
        outgoing.headers = [
            "content-type": "application/json", "accept": "text/event-stream", "x-gonka-voucher": request.voucher,
            "user-agent": "gonka-gateway",
        ]
        outgoing.body = .bytes(request.body)
        do {
            return try await client.execute(outgoing, timeout: TimeAmount(timeout))
        } catch let error as CancellationError {
            throw error
        } catch {
            throw Self.fault(error)
        }
    }

    /// An address at a host, or nil for a URL that is not plain HTTP(S) without user and query.
    static func endpoint(of url: String, _ path: String = "chat/completions") -> String? {
        guard let scheme = ["http://", "https://"].first(where: { url.hasPrefix($0) }) else { return nil }
        let rest = url.utf8.dropFirst(scheme.utf8.count)
        let isPlain = rest.allSatisfy { byte in
            byte > 0x20 && byte < 0x7f && !"@?#\\".utf8.contains(byte)
        }
        guard isPlain, let first = rest.first, first != UInt8(ascii: "/") else { return nil }
        var base = url
        while base.hasSuffix("/") { base.removeLast() }
        return base + (base.hasSuffix("/v1") ? "" : "/v1") + "/" + path
    }

    private static func fault(_ error: any Error) -> any Error {
        if error is NIOConnectionError { return HostFault.unreachable("no connection") }
        guard let error = error as? HTTPClientError else {
            return (error as? IOError).map { HostFault.broken("\($0)") } ?? HostFault.broken("\(type(of: error))")
        }
        switch error {
        case .connectTimeout, .getConnectionFromPoolTimeout, .tlsHandshakeTimeout, .invalidURL,
            .emptyHost:
            return HostFault.unreachable(error.shortDescription)
        case .deadlineExceeded, .readTimeout: return HostFault.timedOut
        case .cancelled: return CancellationError()
        default: return HostFault.broken(error.shortDescription)
        }
    }
}
