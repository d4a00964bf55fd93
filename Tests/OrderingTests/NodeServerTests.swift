import AsyncHTTPClient
import HTTPEdge
import NIOCore
import NIOHTTP1
import NodeServer
import SoloOrdering
import Testing

/// The node's door on a real socket.
@Suite(.timeLimit(.minutes(1))) struct NodeServerTests {
    struct Visit: CustomTestStringConvertible, Sendable {
        let testDescription: String
        var method = HTTPMethod.POST
        var path = "/"
        var headers: [String: String] = [:]
        let status: UInt
        var mayRead: String?
    }

    private static let visits: [Visit] = [
        Visit(testDescription: "a client", status: 200),
        Visit(testDescription: "a client that looks", method: .GET, path: "/status", status: 200),
        Visit(testDescription: "this machine's name", headers: ["host": "localhost:26657"], status: 200),
        Visit(testDescription: "another host", headers: ["host": "evil.example"], status: 403),
        Visit(
            testDescription: "another host that looks", method: .GET, path: "/status",
            headers: ["host": "evil.example:26657"], status: 403),
        Visit(testDescription: "a page of elsewhere", headers: ["origin": "http://evil.example"], status: 403),
        Visit(
            testDescription: "a page of elsewhere that looks", method: .GET, path: "/status",
            headers: ["origin": "https://evil.example"], status: 403),
        Visit(testDescription: "a page without origin", headers: ["origin": "null"], status: 403),
        Visit(
            testDescription: "a page of this machine", headers: ["origin": "http://localhost:3000"], status: 200,
            mayRead: "http://localhost:3000"),
        Visit(testDescription: "a text, which any page may send", headers: ["content-type": "text/plain"], status: 415),
        Visit(
            testDescription: "a form", headers: ["content-type": "application/x-www-form-urlencoded"], status: 415),
        Visit(testDescription: "no type", headers: ["content-type": ""], status: 415),
    ]

    @Test func onlyThisMachineIsAnswered() async throws {
        let node = try Node()
        try await node.ordering.start()
        let server = NodeServer(address: EdgeServer.Address(port: 0), ordering: node.ordering, logger: silentLogger)
        let (ports, bound) = AsyncStream<Int>.makeStream()
        let running = Task { try await server.run { bound.yield($0) } }
        defer { running.cancel() }
        for await port in ports {
            for visit in Self.visits {
                let response = try await HTTPClient.shared.execute(request(visit, port: port), timeout: .seconds(30))
                let body = String(buffer: try await response.body.collect(upTo: 1 << 20))
                #expect(response.status.code == visit.status, "\(visit.testDescription): \(body)")
                #expect(body.contains("latest_block_height") == (visit.status == 200))
                #expect(response.headers.first(name: "access-control-allow-origin") == visit.mayRead)
            }
            break
        }
    }

    /// Asks for the node's status; an empty header is left out.
    private func request(_ visit: Visit, port: Int) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)\(visit.path)")
        request.method = visit.method
        for (name, value) in ["content-type": "application/json"].merging(visit.headers, uniquingKeysWith: { $1 })
        where !value.isEmpty {
            request.headers.add(name: name, value: value)
        }
        if visit.method == .POST { request.body = .bytes(ByteBuffer(string: #"{"id":1,"method":"status"}"#)) }
        return request
    }
}
