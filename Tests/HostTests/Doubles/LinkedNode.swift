import EngineAPI
import EngineWire
import FaultyLink
import HTTPEdge
import Logging
import MLNode
import NIOCore

@testable import RemoteEngine

/// A host's engine on an ML node, behind a link that does what a test tells it.
enum LinkedNode {
    /// Runs `body` with the link and the engine, which has connected without a fault.
    static func serving(
        _ engine: any Engine, silence: TimeAmount = .seconds(15),
        _ body: (FaultyLink, RemoteEngine) async throws -> Void
    ) async throws {
        let token = AccessToken.random()
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let service = MLNodeService(
            MLNodeConfiguration(listen: EdgeServer.Address(port: 0), token: token), engines: [engine], logger: logger)
        let (ports, bound) = AsyncStream<Int>.makeStream()
        let running = Task { try await service.run { bound.yield($0) } }
        defer { running.cancel() }
        for await port in ports {
            return try await FaultyLink.to("http://127.0.0.1:\(port)") { link in
                // Asked again at once, however often it was away.
                let remote = try await RemoteEngine(
                    url: link.url, token: token, silence: silence, backOff: BackOff(shortest: .zero))
                do { try await body(link, remote) } catch {
                    try await remote.close()
                    throw error
                }
                try await remote.close()
            }
        }
    }
}
