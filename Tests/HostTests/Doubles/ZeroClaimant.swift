import HTTPEdge
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Primitives

/// A claimant that hands out nothing but zeroes, in pieces.
struct ZeroClaimant {
    let pieces: Int
    let bytesPerPiece: Int

    /// Serves on a free port of loopback while `body` runs.
    func serving(_ body: @Sendable (_ url: String) async throws -> Void) async throws {
        let router = Router(context: EdgeContext.self)
        router.post("/v1/audits") { [pieces, bytesPerPiece] _, _ in
            Response(
                status: .ok, headers: [.contentType: "application/octet-stream"],
                body: ResponseBody { writer in
                    let piece = ByteBuffer(repeating: 0, count: bytesPerPiece)
                    for _ in 0..<pieces { try await writer.write(piece) }
                    try await writer.finish(nil)
                })
        }
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let server = EdgeServer(address: EdgeServer.Address(port: 0), router: router, logger: logger)
        let (ports, bound) = AsyncStream<Int>.makeStream()
        let running = Task { try await server.run { bound.yield($0) } }
        defer { running.cancel() }
        for await port in ports { return try await body("http://127.0.0.1:\(port)") }
    }
}
