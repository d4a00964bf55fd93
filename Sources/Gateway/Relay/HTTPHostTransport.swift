import AsyncHTTPClient
import HTTPOutbound
import NIOCore
import NIOHTTP1
import NIOPosix
import Primitives

/// Hosts over HTTP/1.1 with connections that are kept.
struct HTTPHostTransport: HostTransport {
    private let client: HTTPClient
    let limits: AnswerLimits

    init(limits: AnswerLimits = AnswerLimits()) {
        self.limits = limits
        // A connection is not tried again: another host is asked instead.
        var configuration = HTTPClient.Configuration.toHosts(
            connect: Limits.connectTimeout, read: TimeAmount(limits.silenceTimeout))
        configuration.connectionPool.idleTimeout = Limits.connectionIdleTimeout
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = Limits.connectionsPerHostMax
        client = HTTPClient(eventLoopGroup: .singletonMultiThreadedEventLoopGroup, configuration: configuration)
    }

    /// Closes the connections; call it when no request is open.
    func close() async throws { try await client.shutdown() }

    func send(_ request: HostRequest) async throws -> HTTPClientResponse {
        let timeout = min(limits.firstTokenTimeout, request.timeout ?? limits.firstTokenTimeout)
        return try await post(request, to: "chat/completions", timeout: timeout)
    }

    /// Posts a request to one of the addresses at a host that take requests with vouchers.
    ///
    /// - Parameter timeout: until the answer's head.
    /// - Throws: as `send`.
    func post(
        _ request: HostRequest, to path: String, timeout: Duration
    ) async throws -> HTTPClientResponse {
        guard let url = HostEndpoint.address(of: path, at: request.url) else {
            throw HostFault.unreachable("its URL is not usable")
        }
        var outgoing = HTTPClientRequest(url: url)
        outgoing.method = .POST
        outgoing.headers = [
            "content-type": "application/json", "accept": "text/event-stream", "x-gonka-voucher": request.voucher,
            "user-agent": "gonka-gateway",
        ]
        if let trace = RequestScope.current?.trace.child {
            outgoing.headers.add(name: "traceparent", value: trace.parent)
            if !trace.state.isEmpty { outgoing.headers.add(name: "tracestate", value: trace.state) }
        }
        outgoing.body = .bytes(request.body)
        do {
            return try await client.execute(outgoing, timeout: TimeAmount(timeout))
        } catch let error as CancellationError {
            throw error
        } catch {
            throw Self.fault(error)
        }
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
