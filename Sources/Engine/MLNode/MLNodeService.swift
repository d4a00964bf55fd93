import EngineAPI
import EngineWire
import HTTPEdge
import Logging
import ServiceLifecycle

/// How an ML node is set up.
public struct MLNodeConfiguration: Sendable {
    /// Where it listens.
    public var listen: EdgeServer.Address
    /// What hosts must show.
    public var token: AccessToken
    public var edgeLimits: EdgeLimits
    /// How often something is written while an answer is waited for.
    public var keepAlive: Duration

    public init(
        listen: EdgeServer.Address, token: AccessToken, edgeLimits: EdgeLimits = EdgeLimits(),
        keepAlive: Duration = .seconds(EngineWire.silenceSecondsMax) / 3
    ) {
        self.listen = listen
        self.token = token
        self.edgeLimits = edgeLimits
        self.keepAlive = keepAlive
    }
}

/// Engines behind HTTP, for hosts on other machines: no ledger, no keys, no state.
///
/// On a graceful shutdown it takes no new request and finishes what runs.
public struct MLNodeService: Service {
    private let server: EdgeServer
    private let work: NodeWork

    /// - Parameter engines: at least one, each with a model of its own; requests that name no model mean the first.
    public init(
        _ configuration: MLNodeConfiguration, engines: [any Engine], metrics: MLNodeMetrics = MLNodeMetrics(),
        logger: Logger
    ) {
        work = NodeWork(
            capacity: engines.reduce(0) { $0 + $1.capabilities.parallelSequences }, metrics: metrics)
        let routes = MLNodeRoutes(
            engines: engines, token: configuration.token, keepAlive: configuration.keepAlive, work: work,
            bodies: BodyBudget(bytesMax: configuration.edgeLimits.bodiesBytesMax))
        server = EdgeServer(
            address: configuration.listen, router: routes.router(guardedBy: OriginGuard(configuration.listen)),
            limits: configuration.edgeLimits, logger: logger)
    }

    public func run() async throws { try await run(onReady: { _ in }) }

    /// Runs until the surrounding service group shuts down.
    ///
    /// - Parameter onReady: called once with the port that is bound.
    /// - Throws: `EdgeError.addressInUse`.
    public func run(onReady: @escaping @Sendable (Int) async -> Void) async throws {
        try await withGracefulShutdownHandler {
            try await server.run(onReady: onReady)
        } onGracefulShutdown: {
            work.drain()
        }
    }
}
