import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import OpenAIWire
import Primitives
import WireFormat

@testable import HostRoles

/// Asks a host over HTTP.
struct HostClient: Sendable {
    let url: String

    struct Answer: Sendable {
        let status: UInt
        let contentType: String?
        let retryAfter: String?
        let body: Bytes

        /// The code of an error body.
        var errorCode: String? { (try? JSONParser.parse(body))?["error"]?["code"]?.string }

        func events() throws -> [ChatCompletionEvent] {
            var parser = SSEParser()
            return try parser.consume(body).map { try ChatCompletionEvent.parse($0) }
        }
    }

    func get(_ path: String, headers: [String: String] = [:]) async throws -> Answer {
        var request = HTTPClientRequest(url: url + path)
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        return try await send(request)
    }

    func post(
        _ body: String, voucher: String?, contentType: String = "application/json", encoding: String? = nil,
        accept: String? = nil, to path: String = "/v1/chat/completions"
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: url + path)
        request.method = .POST
        request.headers.add(name: "content-type", value: contentType)
        if let encoding { request.headers.add(name: "content-encoding", value: encoding) }
        if let accept { request.headers.add(name: "accept", value: accept) }
        if let voucher { request.headers.add(name: VoucherHeader.name, value: voucher) }
        request.body = .bytes(ByteBuffer(string: body))
        return try await send(request)
    }

    /// Sends bytes to a path.
    func post(_ body: Bytes, to path: String, contentType: String) async throws -> Answer {
        var request = HTTPClientRequest(url: url + path)
        request.method = .POST
        request.headers.add(name: "content-type", value: contentType)
        request.body = .bytes(ByteBuffer(bytes: body))
        return try await send(request)
    }

    private func send(_ request: HTTPClientRequest) async throws -> Answer {
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(60))
        return Answer(
            status: response.status.code, contentType: response.headers.first(name: "content-type"),
            retryAfter: response.headers.first(name: "retry-after"),
            body: Bytes(buffer: try await response.body.collect(upTo: 64 << 20)))
    }
}
