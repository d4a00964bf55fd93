import AsyncHTTPClient
import EngineAPI
import Foundation
import HTTPOutbound
import NIOCore
import NIOHTTP1
import NIOPosix
import Primitives

/// Requests to one llama-server, each answered in one piece.
final class ServerConnection: Sendable {
    /// As the operator wrote it, without a slash at its end.
    let url: String
    private let client: HTTPClient

    /// - Throws: `.unusableModel` for a URL that is not plain HTTP(S).
    init(url: String) throws(EngineError) {
        guard HostEndpoint.address(of: "models", at: url) != nil else {
            throw .unusableModel(path: url, reason: "it is no address; give http://host:port")
        }
        self.url = url.hasSuffix("/") ? String(url.dropLast()) : url
        let silence = TimeAmount.seconds(Limits.answerSeconds)
        var configuration = HTTPClient.Configuration.toHosts(connect: .seconds(3), read: silence)
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = Limits.slotsMax
        client = HTTPClient(eventLoopGroup: .singletonMultiThreadedEventLoopGroup, configuration: configuration)
    }

    /// Closes the connections; call it when no request is open.
    func close() async throws { try await client.shutdown() }

    func get<Answer: Decodable>(_ path: String, _ type: Answer.Type) async throws(EngineError) -> Answer {
        try await answer(path, nil, type)
    }

    func post<Answer: Decodable>(
        _ path: String, _ body: some Encodable, _ type: Answer.Type
    ) async throws(EngineError) -> Answer {
        let bytes: Bytes
        do { bytes = Bytes(try JSONEncoder().encode(body)) } catch { throw .failed(reason: "\(error)") }
        return try await answer(path, bytes, type)
    }

    private func answer<Answer: Decodable>(
        _ path: String, _ body: Bytes?, _ type: Answer.Type
    ) async throws(EngineError) -> Answer {
        var request = HTTPClientRequest(url: "\(url)/\(path)")
        request.headers = ["user-agent": "gonka-mlnode"]
        if let body {
            request.method = .POST
            request.headers.add(name: "content-type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: body))
        }
        let deadline = NIODeadline.now() + .seconds(Limits.answerSeconds)
        do {
            let response = try await client.execute(request, deadline: deadline)
            guard response.status == .ok else {
                let refusal = try await response.body.whole(upTo: Limits.refusalBytesMax, by: deadline)
                throw error(status: response.status.code, refusal)
            }
            let bytes = try await response.body.whole(upTo: Limits.answerBytesMax, by: deadline)
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch {
            throw engineError(error)
        }
    }

    private func error(status: UInt, _ body: Bytes) -> EngineError {
        let message = (try? JSONDecoder().decode(ServerRefusal.self, from: Data(body)))?.error.message ?? "no reason"
        let reason = "\(url) answers \(status): \(message.prefix(Limits.reasonCharactersMax))"
        // It loads its model, or a proxy stands before a server that is away.
        return [502, 503, 504].contains(status) ? .unreachable(reason: reason) : .failed(reason: reason)
    }

    private func engineError(_ error: any Error) -> EngineError {
        if Task.isCancelled || error is CancellationError { return .cancelled }
        return switch error {
        case let error as EngineError: error
        case is DecodingError: .failed(reason: "\(url): an answer that cannot be read")
        case is BodyFault: .failed(reason: "\(url): an answer that is too long or too slow")
        case let error as HTTPClientError: .unreachable(reason: "\(url): \(error.shortDescription)")
        default: .unreachable(reason: "\(url): \(error)")
        }
    }
}
