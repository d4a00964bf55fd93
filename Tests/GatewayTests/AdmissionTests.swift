import AsyncHTTPClient
import HTTPEdge
import NIOCore
import NIOHTTP1
import Primitives
import Testing

@testable import Gateway

/// What a gateway holds for all of its clients together.
@Suite(.timeLimit(.minutes(1))) struct AdmissionTests {
    private static let body = Fixtures.body(content: String(repeating: "x", count: 4_000))

    /// A client that keeps the last byte of its body back until it is told to send it.
    private final class SlowClient: Sendable {
        private let (pieces, piece) = AsyncStream<ByteBuffer>.makeStream()
        private let isCounted: Bool

        /// - Parameter isCounted: whether it says how long its body is.
        init(isCounted: Bool) {
            self.isCounted = isCounted
            piece.yield(ByteBuffer(bytes: AdmissionTests.body.dropLast()))
        }

        func request(to gateway: TestGateway) -> HTTPClientRequest {
            var request = gateway.request()
            let count = Int64(AdmissionTests.body.count)
            request.body = .stream(pieces, length: isCounted ? .known(count) : .unknown)
            return request
        }

        func finish() {
            piece.yield(ByteBuffer(bytes: AdmissionTests.body.suffix(1)))
            piece.finish()
        }
    }

    @Test(arguments: [true, false]) func bodiesThatComeSlowlyAreBoundedTogether(isCounted: Bool) async throws {
        let bytesMax = Self.body.count * 5 / 2
        try await TestGateway.run(ScriptedHosts.honest, bodiesBytesMax: bytesMax) { gateway in
            let clients = [SlowClient(isCounted: isCounted), SlowClient(isCounted: isCounted)]
            async let first = gateway.send(clients[0].request(to: gateway))
            async let second = gateway.send(clients[1].request(to: gateway))
            while gateway.bodies.bytesUsed < 2 * (Self.body.count - 1) { await Task.yield() }
            for _ in 0..<10 {
                let refused = try await gateway.send(gateway.request(body: Self.body))
                #expect(refused.status == 429)
                #expect(refused.headers.first(name: "retry-after") == "1")
                #expect(refused.body.contains("rate_limit_exceeded"))
            }
            for client in clients { client.finish() }
            #expect(try await [first, second].map(\.status) == [200, 200])
            let served = try await gateway.send(gateway.request(body: Self.body))
            #expect(served.status == 200)
            while gateway.bodies.bytesUsed > 0 { await Task.yield() }
        }
    }

    /// The body of a request whose answer is being streamed is needed no more.
    @Test func anAnswerInProgressHoldsNoBody() async throws {
        let source = EventSource()
        let hosts = ScriptedHosts([1: { host, request in source.response(try HonestAnswer(host, to: request).events) }])
        try await TestGateway.run(hosts) { gateway in
            source.allow(2)
            let response = try await HTTPClient.shared.execute(
                gateway.request(body: Fixtures.body(streams: true)), timeout: .seconds(30))
            while gateway.bodies.bytesUsed > 0 { await Task.yield() }
            source.allow(10)
            _ = try await response.body.collect(upTo: 1 << 20)
        }
    }

    @Test func whoHasNoKeyTakesNoMemory() async throws {
        try await TestGateway.run(ScriptedHosts.honest, bodiesBytesMax: 0) { gateway in
            let answer = try await gateway.send(gateway.request(body: Self.body, headers: ["authorization": ""]))
            #expect(answer.status == 401)
        }
    }

    /// Else the server's own bound would come first, and nobody would be told.
    @Test func aConnectionIsLeftToRefuseOn() { #expect(Limits.requestsMax < EdgeLimits().connectionsMax) }
}
