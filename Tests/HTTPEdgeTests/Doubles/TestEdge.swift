import HTTPEdge
import Hummingbird
import Logging
import NIOCore

/// A server within bounds whose routes do one thing each.
struct TestEdge: Sendable {
    let limits: EdgeLimits
    /// Lets an answer of `/held` end.
    let release = Signal()
    /// Given when an answer of `/endless` could not be written on.
    let broken = Signal()

    /// Serves on a free port as long as `body` runs.
    static func serving(
        _ limits: EdgeLimits = EdgeLimits(), _ body: @Sendable (TestEdge, RawClient) async throws -> Void
    ) async throws {
        let edge = TestEdge(limits: limits)
        let server = EdgeServer(
            address: EdgeServer.Address(port: 0), router: edge.router(), limits: limits,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let (ports, port) = AsyncStream<Int>.makeStream()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run { port.yield($0) } }
            for await bound in ports {
                try await body(edge, RawClient(port: bound))
                break
            }
            group.cancelAll()
            do { try await group.waitForAll() } catch is CancellationError {}
        }
    }

    private func router() -> Router<EdgeContext> {
        let router = Router(context: EdgeContext.self)
        router.add(middleware: OpenAIErrors())
        router.get("ok") { _, _ in Response.text("fine\n") }
        router.post("count") { request, _ in Response.text("\(try await request.collectJSON().count) bytes\n") }
        router.post("hasty") { _, _ in Response.text("before the body\n") }
        router.get("held") { [release] _, _ in
            Response(
                status: .ok,
                body: ResponseBody { writer in
                    try await writer.write(ByteBuffer(string: "begun"))
                    await release.wait()
                    try await writer.finish(nil)
                })
        }
        router.get("endless") { [broken] _, _ in
            Response(
                status: .ok,
                body: ResponseBody { writer in
                    defer { broken.give() }
                    while true { try await writer.write(ByteBuffer(repeating: 7, count: 1 << 16)) }
                })
        }
        return router
    }
}

/// Something that happens once and is waited for.
struct Signal: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() { (stream, continuation) = AsyncStream.makeStream() }

    func give() { continuation.finish() }

    /// Returns once it was given, or the task is cancelled.
    func wait() async { for await _ in stream {} }
}
