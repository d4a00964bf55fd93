import EngineAPI
import Foundation
import HTTPEdge
import HostRoles
import LedgerClient
import Logging
import ServiceLifecycle

/// How a host is set up.
public struct HostConfiguration: Sendable {
    /// Where it listens.
    public var listen: EdgeServer.Address
    /// The folder of its item log, created where there is none; one process at a time. Beside it, with `-sprints` and `-audits`
    /// behind its name, lie those of synthetic work and of audits.
    public var itemFolder: String
    /// How often it looks at the ledger; a fraction of the block time, as commit windows may be a few blocks long.
    public var lookInterval: Duration
    public var limits: HostRoles.Limits
    public var edgeLimits: EdgeLimits

    public init(
        listen: EdgeServer.Address, itemFolder: String, lookInterval: Duration = .milliseconds(250),
        limits: HostRoles.Limits = HostRoles.Limits(), edgeLimits: EdgeLimits = EdgeLimits()
    ) {
        self.listen = listen
        self.itemFolder = itemFolder
        self.lookInterval = lookInterval
        self.limits = limits
        self.edgeLimits = edgeLimits
    }
}

/// Why a host cannot be put together.
public enum HostSetupError: Error, Equatable, CustomStringConvertible {
    case enginesDiffer

    public var description: String { "a host needs an engine, and all its engines the same model from the same file." }
}

/// A host: the executor behind its HTTP server, the item log, the keeper of its claims, and its duties.
///
/// On a graceful shutdown it refuses new requests, finishes the answers it has begun, and then stops looking at the ledger.
public struct HostService: Service {
    private let configuration: HostConfiguration
    private let executor: Executor
    private let keeper: ClaimKeeper
    private let duties: HostDuties
    private let source: HTTPAuditSource
    private let forwarder: HTTPRequestForwarder
    private let view: HostLedgerView
    private let server: EdgeServer
    private let logger: Logger

    /// Puts a host together and reads its item log.
    ///
    /// - Parameter engines: at least one, all of one model: users' requests go to the idlest, audits to the same, and a sprint is
    ///   shared out among them.
    /// - Throws: `ItemLogError` where the log cannot be used; `HostSetupError`.
    public init(
        _ configuration: HostConfiguration, identity: HostIdentity, ledger: any LedgerAccess, engines: [any Engine],
        metrics: HostMetrics = HostMetrics(), logger: Logger
    ) throws {
        guard let engine = EnginePool.single(engines) else { throw HostSetupError.enginesDiffer }
        let (limits, folder) = (configuration.limits, configuration.itemFolder)
        let store = try ItemStore(path: folder, identity: identity, limits: limits, logger: logger)
        let wallSeconds: @Sendable () -> UInt64 = { UInt64(max(0, Date().timeIntervalSince1970)) }
        view = HostLedgerView(ledger: ledger, identity: identity, limits: limits, metrics: metrics)
        let sprints = try SprintStore(path: folder + "-sprints", identity: identity, limits: limits, logger: logger)
        let auditLog = try AuditLog(path: folder + "-audits", identity: identity, logger: logger)
        let registry = ClaimRegistry(
            identity: identity, ledger: ledger, store: store, sprints: sprints, limits: limits)
        let sender = DutySender(ledger: ledger, key: identity.operatorKey, limits: limits, metrics: metrics)
        keeper = ClaimKeeper(
            identity: identity, store: store, sprints: sprints, view: view, ledger: ledger, registry: registry,
            sender: sender, metrics: metrics, logger: logger)
        source = HTTPAuditSource()
        duties = HostDuties(
            HostDuties.Parts(
                identity: identity, engines: engines, ledger: ledger, view: view, registry: registry,
                sprints: sprints, auditLog: auditLog, sender: sender, source: source, limits: limits, metrics: metrics,
                logger: logger))
        executor = Executor(
            identity: identity, engine: engine, store: store, view: view, limits: limits, clock: EdgeClock(),
            wallSeconds: wallSeconds, metrics: metrics, logger: logger)
        forwarder = HTTPRequestForwarder(wait: limits.witnessWait)
        let witnesses = WitnessDesk(
            identity: identity, view: view, ledger: ledger, forwarder: forwarder, limits: limits)
        let routes = HostRoutes(
            identity: identity, executor: executor, registry: registry, desk: duties.auditDesk, witnesses: witnesses,
            view: view, engine: engine.capabilities, startedSeconds: wallSeconds(),
            bodies: BodyBudget(bytesMax: configuration.edgeLimits.bodiesBytesMax))
        server = EdgeServer(
            address: configuration.listen,
            router: routes.router(guardedBy: OriginGuard(configuration.listen, publicURL: identity.url)),
            limits: configuration.edgeLimits, logger: logger)
        self.configuration = configuration
        self.logger = logger
    }

    public func run() async throws { try await run(onReady: { _ in }) }

    /// Runs until the surrounding service group shuts down.
    ///
    /// - Parameter onReady: called once with the port that is bound.
    /// - Throws: `EdgeError.addressInUse`; `ItemLogError` where the log could not be written.
    public func run(onReady: @escaping @Sendable (Int) async -> Void) async throws {
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await look("no look at the ledger") { try await keeper.step() } }
                group.addTask {
                    try await look("no look at the duties") { while try await duties.step(), !Task.isCancelled {} }
                }
                group.addTask {
                    try await withGracefulShutdownHandler {
                        try await server.run(onReady: onReady)
                    } onGracefulShutdown: {
                        executor.load.drain()
                    }
                    await executor.load.waitUntilIdle()
                }
                // The server ends when it is told to; the others only by failing, and then nothing may go on.
                defer { group.cancelAll() }
                try await group.next()
            }
        } catch {
            await end()
            throw error
        }
        await end()
    }

    private func end() async {
        await duties.stop()
        do {
            try await source.close()
            try await forwarder.close()
        } catch {
            logger.debug("connections to other hosts were left open", metadata: ["error": "\(error)"])
        }
    }

    /// Does `step` again and again, until cancelled.
    ///
    /// - Throws: `ItemLogError` only; a ledger that cannot be reached is asked again.
    private func look(_ warning: Logger.Message, _ step: @Sendable () async throws -> Void) async throws {
        var wasReachable = true
        while !Task.isCancelled {
            do {
                try await step()
                if !wasReachable { logger.notice("the ledger answers again") }
                wasReachable = true
            } catch let error as ItemLogError {
                throw error
            } catch {
                if wasReachable, !Task.isCancelled { logger.warning(warning, metadata: ["error": "\(error)"]) }
                wasReachable = false
            }
            do { try await Task.sleep(for: configuration.lookInterval) } catch { return }
        }
    }
}
