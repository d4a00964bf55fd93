import AsyncHTTPClient
import EngineAPI
import EngineWire
import HTTPOutbound
import NIOCore
import NIOHTTP1
import NIOPosix
import OpenAIWire
import Primitives
import Synchronization

/// Requests to one ML node.
final class NodeConnection: Sendable {
    /// As the operator wrote it.
    let url: String
    private let token: AccessToken
    private let client: HTTPClient
    private let backOff: Mutex<BackOff>

    /// - Parameter silence: how long the node may write nothing in the middle of an answer.
    /// - Throws: `.unusableModel` for a URL that is not plain HTTP(S).
    init(
        url: String, token: AccessToken, silence: TimeAmount, backOff: BackOff = BackOff()
    ) throws(EngineError) {
        guard HostEndpoint.address(of: "capabilities", at: url) != nil else {
            throw .unusableModel(path: url, reason: "it is no address; give http://host:port")
        }
        self.url = url
        self.token = token
        self.backOff = Mutex(backOff)
        var configuration = HTTPClient.Configuration.toHosts(connect: Self.connectTimeout, read: silence)
        // What waits, waits in the node, which knows priorities.
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = Self.connectionsMax
        configuration.connectionPool.idleTimeout = Self.idleTimeout
        client = HTTPClient(eventLoopGroup: .singletonMultiThreadedEventLoopGroup, configuration: configuration)
    }

    private static let connectTimeout = TimeAmount.seconds(3)
    /// For answers that come in one piece.
    private static let wholeTimeout = TimeAmount.seconds(30)
    private static let refusalBytesMax = 64 << 10
    /// More than a host ever has in hand.
    private static let connectionsMax = 1_024
    /// Shorter than a server's, which would close a connection that a request is just sent on.
    private static let idleTimeout = TimeAmount.seconds(30)
    /// Pieces that may follow the last event, so that the connection can be used again.
    private static let trailingPiecesMax = 16

    /// Closes the connections; call it when no request is open.
    func close() async throws { try await client.shutdown() }

    /// A request whose answer comes in one piece.
    func whole(_ path: String, _ body: Bytes?) async throws(EngineError) -> Bytes {
        try await answering {
            let deadline = NIODeadline.now() + Self.wholeTimeout
            let response = try await self.send(path, body, by: deadline)
            return try await response.body.whole(upTo: EngineWire.bodyBytesMax, by: deadline)
        }
    }

    /// A request whose answer comes in events.
    ///
    /// - Parameter take: gets each event's data.
    /// - Throws: `.unreachable` also where the node goes before `[DONE]`.
    func events(
        _ path: String, _ body: Bytes, _ take: @escaping @Sendable (Bytes) throws -> Void
    ) async throws(EngineError) {
        try await answering {
            let response = try await self.send(path, body, by: .now() + Self.wholeTimeout)
            var parser = SSEParser(eventBytesMax: EngineWire.eventBytesMax)
            var trailing: Int?
            for try await piece in response.body {
                if let count = trailing {
                    guard count < Self.trailingPiecesMax else { return }
                    trailing = count + 1
                    continue
                }
                for event in try parser.consume(Bytes(buffer: piece)) where trailing == nil {
                    if event.isDone {
                        trailing = 0
                        continue
                    }
                    if let failure = try? EngineWire.decode(EngineErrorBody.self, from: event.data) {
                        throw failure.engineError(from: self.url)
                    }
                    try take(event.data)
                }
            }
            guard trailing != nil else { throw EngineError.unreachable(reason: "\(self.url): the answer broke off") }
        }
    }

    /// - Parameter deadline: for the answer's head.
    private func send(_ path: String, _ body: Bytes?, by deadline: NIODeadline) async throws -> HTTPClientResponse {
        guard let address = HostEndpoint.address(of: path, at: url) else {
            throw EngineError.unusableModel(path: url, reason: "it is no address; give http://host:port")
        }
        var request = HTTPClientRequest(url: address)
        request.headers = ["authorization": token.header, "user-agent": "gonka-host"]
        if let body {
            request.method = .POST
            request.headers.add(name: "content-type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: body))
        }
        let response = try await client.execute(request, deadline: deadline)
        guard response.status != .ok else { return response }
        let refusal = try await response.body.whole(upTo: Self.refusalBytesMax, by: deadline)
        guard let error = try? EngineWire.decode(EngineErrorBody.self, from: refusal) else {
            // A proxy before a node that is away.
            let isAway = [502, 503, 504].contains(response.status.code)
            let reason = "\(url) answers \(response.status.code), and not as an ML node does"
            throw isAway ? EngineError.unreachable(reason: reason) : .failed(reason: reason)
        }
        throw error.engineError(from: url)
    }

    /// Does `work`, unless the node did not answer a moment ago; gives every failure its name.
    private func answering<Value: Sendable>(_ work: () async throws -> Value) async throws(EngineError) -> Value {
        if let wait = backOff.withLock({ $0.remaining(at: .now) }) {
            throw .unreachable(reason: "\(url) did not answer; it is asked again in \(wait.milliseconds) ms")
        }
        do {
            let value = try await work()
            backOff.withLock { $0.noteAnswer() }
            return value
        } catch {
            if Task.isCancelled || error is CancellationError { throw .cancelled }
            let error = Self.engineError(error, url)
            switch error {
            case .unreachable: backOff.withLock { $0.noteFailure(at: .now) }
            // Nothing is known of a node that was not asked, or not to the end.
            case .overloaded, .cancelled: break
            default: backOff.withLock { $0.noteAnswer() }
            }
            throw error
        }
    }

    private static func engineError(_ error: any Error, _ url: String) -> EngineError {
        switch error {
        case let error as EngineError: error
        case let error as HTTPClientError where error == .cancelled: .cancelled
        case let error as HTTPClientError where error == .getConnectionFromPoolTimeout: .overloaded
        case let error as HTTPClientError: .unreachable(reason: "\(url): \(error.shortDescription)")
        case is NIOConnectionError: .unreachable(reason: "\(url): no connection")
        case let error as IOError: .unreachable(reason: "\(url): \(error)")
        case is ChannelError: .unreachable(reason: "\(url): the connection closed")
        case is BodyFault: .failed(reason: "\(url): an answer that is too long or too slow")
        case let error as AnswerError: .failed(reason: "\(url): \(error)")
        case is DecodingError: .failed(reason: "\(url): an answer that cannot be read")
        default: .unreachable(reason: "\(url): \(error)")
        }
    }
}

extension Duration {
    fileprivate var milliseconds: Int64 {
        components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000
    }
}
