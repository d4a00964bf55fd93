import AsyncHTTPClient
import HTTPOutbound
import NIOCore
import NIOHTTP1
import NIOPosix
import Primitives
import WireFormat

/// JSON-RPC 2.0 over HTTP, one request at a time.
struct RPCConnection: Sendable {
    let url: String
    let client: HTTPClient
    /// The time; another one for tests.
    var now: @Sendable () -> NIODeadline = { .now() }

    /// Calls a method.
    ///
    /// - Returns: its result.
    func call(_ method: String, _ parameters: JSONValue) async throws(RPCFailure) -> JSONValue {
        let body: JSONValue = ["jsonrpc": "2.0", "id": 1, "method": .string(method), "params": parameters]
        let (status, answer) = try await post(body.encoded())
        let value: JSONValue
        do { value = try JSONParser.parse(answer) } catch {
            throw .malformed("status \(status) with a body that is not JSON: \(error)")
        }
        if let message = value["error"]?["message"]?.string {
            let code = value["error"]?["code"]?.number.flatMap { Int($0.text) }
            throw .error(status: status, code: code, message: message, data: value["error"]?["data"]?.string ?? "")
        }
        guard let result = value["result"] else { throw .malformed("it has no result") }
        return result
    }

    private func post(_ body: Bytes) async throws(RPCFailure) -> (status: UInt, body: Bytes) {
        do {
            var request = HTTPClientRequest(url: url)
            request.method = .POST
            request.headers.add(name: "content-type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: body))
            let deadline = now() + Limits.callTimeout
            let response = try await client.execute(request, deadline: deadline)
            let answer = try await response.body.whole(upTo: Limits.answerBytesMax, by: deadline, now: now)
            return (response.status.code, answer)
        } catch {
            throw Self.isBeforeSending(error) ? .notSent("\(url): \(error)") : .lost("\(url): \(error)")
        }
    }

    /// ECONNREFUSED on Linux: what connecting to an address without a name in front of it fails with.
    private static let connectionRefusedCode: Int32 = 111

    /// Whether there was no connection that the request could have been written to.
    private static func isBeforeSending(_ error: any Error) -> Bool {
        if error is NIOConnectionError || (error as? IOError)?.errnoCode == connectionRefusedCode { return true }
        switch error as? HTTPClientError {
        case .connectTimeout, .getConnectionFromPoolTimeout, .tlsHandshakeTimeout, .invalidURL, .emptyHost,
            .emptyScheme:
            return true
        default: return false
        }
    }
}

/// Why a call has no result.
enum RPCFailure: Error, Equatable {
    /// There was no connection: the node saw nothing of the request.
    case notSent(String)
    /// The connection or the patience ended; the node may have seen all of it.
    case lost(String)
    /// The node answered with an error, in JSON-RPC's shape or in that of the HTTP server before it.
    case error(status: UInt, code: Int?, message: String, data: String)
    /// The answer is not one of JSON-RPC's.
    case malformed(String)

    /// JSON-RPC 2.0's codes for requests that were refused before anything was done: not JSON, no request, no such method,
    /// wrong parameters.
    private static let refusals: Set<Int> = [-32700, -32600, -32601, -32602]

    /// Whether the node certainly did nothing of what it was asked.
    var wasNotCarriedOut: Bool {
        switch self {
        case .notSent: true
        case .error(let status, let code, _, _):
            (400..<500).contains(status) || code.map(Self.refusals.contains) ?? false
        case .lost, .malformed: false
        }
    }

    /// CometBFT says so in `data` and this project's node in `message`; neither has a code of its own for it.
    var isNotFound: Bool {
        guard case .error(_, _, let message, let data) = self, !wasNotCarriedOut else { return false }
        return message.hasSuffix(" not found") || data.contains(" not found")
    }

    /// The same for callers to whom it does not matter whether the request was carried out.
    var accessError: LedgerAccessError {
        switch self {
        case .notSent(let reason), .lost(let reason): .unreachable(reason)
        // CometBFT's own reason stands in `data`.
        case .error(_, _, let message, let data): .refused(data.isEmpty ? message : "\(message): \(data)")
        case .malformed(let reason): .malformed(reason)
        }
    }
}
