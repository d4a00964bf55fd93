import HTTPEdge
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle

/// Hands out a registry at `GET /metrics`, on an address of its own: what a process does is for its operator, and the doors
/// that others use need not show it.
public struct MetricsServer: Service {
    private let address: EdgeServer.Address
    private let registry: PrometheusRegistry
    private let limits: Limits
    private let logger: Logger

    public init(
        address: EdgeServer.Address, registry: PrometheusRegistry, limits: Limits = Limits(), logger: Logger
    ) {
        self.address = address
        self.registry = registry
        self.limits = limits
        self.logger = logger
    }

    public func run() async throws { try await run(onReady: { _ in }) }

    /// Serves until the surrounding service group shuts down.
    ///
    /// - Parameter onReady: called once with the port that is bound.
    /// - Throws: `EdgeError.addressInUse`.
    public func run(onReady: @escaping @Sendable (Int) async -> Void) async throws {
        var edge = EdgeLimits()
        edge.connectionsMax = limits.connectionsMax
        try await EdgeServer(address: address, router: router(), limits: edge, logger: logger).run(onReady: onReady)
    }

    /// A page in a browser of this machine gets nothing.
    private func router() -> Router<EdgeContext> {
        let router = Router(context: EdgeContext.self)
        router.add(middleware: OpenAIErrors())
        router.add(middleware: OriginGuard(address))
        router.get("metrics") { [registry] _, _ in
            Response(
                status: .ok, headers: [.contentType: TextExposition.contentType],
                body: ResponseBody(byteBuffer: ByteBuffer(string: registry.exposition())))
        }
        return router
    }
}
