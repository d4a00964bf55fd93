import HTTPEdge
import HTTPTypes
import Hummingbird
import Logging
import Messages
import NIOCore
import NIOHTTP1
import Primitives
import Synchronization

@testable import Gateway

/// An honest host on a real socket of this machine.
final class SocketHost: Sendable {
    let host: TestHost
    private let answered = Mutex<[Voucher]>([])
    private let traced = Mutex<[HTTPFields]>([])
    private let (witnessed, asked) = AsyncStream<Void>.makeStream()

    init(_ host: TestHost) { self.host = host }

    /// How many requests it has answered.
    var answers: Int { vouchers.count }

    /// What they were answered for.
    var vouchers: [Voucher] { answered.withLock { $0 } }

    /// The headers that say which traces the requests belong to.
    var traces: [TraceContext] {
        traced.withLock { $0 }.map { TraceContext(parent: $0[.traceParent], state: $0[.traceState]) }
    }

    /// The text of `traceparent`, for each request.
    var traceParents: [String?] { traced.withLock { $0 }.map { $0[.traceParent] } }

    /// Returns when it has begun to answer as a witness.
    func waitForWitnessing() async { for await _ in witnessed { return } }

    /// Runs hosts until `body` has ended, which gets the URL of each.
    static func run(_ hosts: [SocketHost], _ body: @Sendable ([String]) async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            var urls: [String] = []
            for host in hosts {
                let (ports, port) = AsyncStream<Int>.makeStream()
                group.addTask { try await host.serve { port.yield($0) } }
                for await bound in ports {
                    urls.append("http://127.0.0.1:\(bound)")
                    break
                }
            }
            try await body(urls)
            group.cancelAll()
            do { try await group.waitForAll() } catch is CancellationError {}
        }
    }

    private func serve(_ onReady: @escaping @Sendable (Int) async -> Void) async throws {
        let router = Router(context: EdgeContext.self)
        router.add(middleware: OpenAIErrors())
        router.post("/v1/chat/completions") { request, _ in try await self.answer(request) }
        router.post("/v1/witness") { _, _ in self.dribble() }
        let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        try await EdgeServer(address: EdgeServer.Address(port: 0), router: router, logger: silent).run(onReady: onReady)
    }

    /// A witness's answer of which the first byte comes, and nothing after it.
    private func dribble() -> Response {
        let body = ResponseBody { writer in
            try await writer.write(ByteBuffer(bytes: [0x0a]))
            self.asked.yield()
            for await _ in AsyncStream<Void>.makeStream().stream {}
            try Task.checkCancellation()
        }
        return Response(status: .ok, headers: [.contentType: "application/octet-stream"], body: body)
    }

    private func answer(_ request: Request) async throws -> Response {
        traced.withLock { $0.append(request.headers) }
        let voucher = HTTPField.Name("x-gonka-voucher").flatMap { request.headers[$0] }
        let body = try await request.collectJSON()
        let answer = try HonestAnswer(
            host, to: HostRequest(url: "", voucher: voucher ?? "", body: ByteBuffer(bytes: body)))
        answered.withLock { $0.append(answer.voucher.statement) }
        guard answer.streams || request.headers[.accept] == "text/event-stream" else { return .json(answer.plainBody) }
        let stream = ResponseBody { writer in
            for event in answer.events { try await writer.write(ByteBuffer(bytes: event)) }
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: [.contentType: "text/event-stream"], body: stream)
    }
}
