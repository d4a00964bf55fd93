import Cryptography
import HTTPEdge
import LedgerClient
import Logging
import Primitives
import ServiceLifecycle

/// A gateway: keeps sessions open on the ledger and answers OpenAI's API with the hosts of their groups.
///
/// It listens at once and is ready when its sessions are open; a ledger that cannot be reached makes it wait, not stop.
public struct GatewayService: Service {
    private let configuration: GatewayConfiguration
    let pool: SessionPool
    private let models: ModelDirectory
    private let keys: KeyDirectory
    private let policies: KeyPolicies
    private let transport: HTTPHostTransport
    let misses: MissReporter
    /// The ways of the latest requests.
    public let routes = RouteLog()
    private let logger: Logger
    private let onReady: @Sendable (Int) async -> Void

    /// - Parameter onReady: called once with the port that is bound, which matters where port 0 was asked for.
    public init(
        _ configuration: GatewayConfiguration, ledger: any LedgerAccess, metrics: GatewayMetrics = GatewayMetrics(),
        logger: Logger,
        onReady: @escaping @Sendable (Int) async -> Void = { _ in }
    ) {
        let directory = configuration.directory
        self.configuration = configuration
        self.logger = logger
        self.onReady = onReady
        pool = SessionPool(
            ledger: ledger, payer: configuration.payer, sessionKey: configuration.sessionKey,
            configuration: SessionPool.Configuration(
                terms: configuration.terms, models: configuration.models,
                storage: { chainID in VoucherFile(directory: directory, chainID: chainID) },
                policy: configuration.policy), metrics: metrics,
            logger: logger)
        models = ModelDirectory(ledger: ledger)
        keys = KeyDirectory(configuration.keys)
        policies = KeyPolicies(configuration.keyPolicies, within: configuration.policy)
        transport = HTTPHostTransport()
        misses = MissReporter(pool: pool, hosts: transport, witnesses: transport, logger: logger)
    }

    /// Serves until the surrounding service group shuts down. Then it finishes the answers in progress and writes down what it
    /// has promised, or closes its sessions.
    ///
    /// - Throws: `EdgeError` where it cannot listen, `GatewayError` where its files cannot be used.
    public func run() async throws {
        let usage = try UsageBook(
            store: try UsageFile(path: configuration.directory + "/usage.sqlite"),
            metrics: pool.metrics.front)
        let log = configuration.front.accessLog.map { AccessLog($0, logger: logger) }
        // Not part of the group: what was answered last is written too.
        let logging = Task { await log?.run() }
        let server = server(usage: usage, log: log)
        let edge = EdgeServer(
            address: configuration.address, router: server.router(guardedBy: originGuard), logger: logger)
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await edge.run(onReady: onReady) }
                group.addTask { try await lookAfterSessions() }
                group.addTask { await followKeys() }
                group.addTask { await misses.run() }
                group.addTask { await usage.run(logger: logger) }
                if let door = configuration.front.admin { group.addTask { try await administer(door, server) } }
                // Whichever ends first: the server at a shutdown, the upkeep where it cannot go on.
                try await group.next()
                group.cancelAll()
            }
        } catch {
            try? await transport.close()
            throw error
        }
        log?.close()
        await logging.value
        try usage.save()
        try await end()
    }

    /// Closes every session, after the open requests; until `openSessions` requests are refused with 503.
    ///
    /// - Returns: the sessions that were closed. Their deposits' rests come back when the last claims are settled.
    public func closeSessions() async throws(GatewayError) -> [UInt64] { try await pool.closeAll() }

    /// Opens the sessions that the configuration asks for, where they are not open.
    public func openSessions() async throws(GatewayError) {
        try await pool.openAll()
        do { try await models.refresh() } catch { throw .ledger(error) }
    }

    /// What keeps requests from being answered, one phrase each, without anything of the inside; empty when it is ready.
    public func obstacles() async -> [String] { await pool.obstacles() }

    private func end() async throws {
        if configuration.closesSessionsAtShutdown {
            do throws(GatewayError) { _ = try await pool.closeAll() } catch {
                logger.error("sessions stay open", metadata: ["error": "\(error)"])
            }
        }
        try await pool.stop()
        try await transport.close()
    }

    private var originGuard: OriginGuard {
        OriginGuard(
            configuration.address, publicURL: configuration.front.publicURL,
            policy: .gateway(configuration.front.corsOrigins))
    }

    /// Until it is cancelled: a shutdown ends this door before the other one, where answers are still in progress.
    private func administer(_ door: AdminDoor, _ server: GatewayServer) async throws {
        let routes = AdminRoutes(
            keys: keys, policies: policies, usage: server.billing.usage, status: server.status, token: door.token)
        let edge = EdgeServer(
            address: door.address, router: routes.router(guardedBy: OriginGuard(door.address)), logger: logger)
        try await edge.run()
        for await _ in AsyncStream<Never>.makeStream().stream {}
    }

    private func server(usage: UsageBook, log: AccessLog?) -> GatewayServer {
        let payer = configuration.payer.publicKey.address
        let authorizer = Authorizer(keys: keys, signed: configuration.front.signedRequests, payer: payer)
        let discovery = DiscoveryRoutes(
            directory: NetworkDirectory(ledger: pool.ledger), transferAgent: authorizer.transferAgent,
            signer: authorizer.transferAgent == payer ? configuration.payer : nil,
            publicURL: configuration.front.publicURL, version: configuration.front.version, clock: authorizer.clock)
        let admission = RequestAdmission()
        return GatewayServer(
            relay: Relay(
                pool: pool, transport: transport, misses: misses.queue, hedges: HedgeBudget(), routes: routes,
                logger: logger), models: models,
            authorizer: authorizer, policies: policies, admission: admission, bodies: BodyBudget(),
            billing: Billing(usage: usage, pool: pool, models: models), discovery: discovery,
            status: GatewayStatus(pool: pool, models: models, admission: admission),
            scopes: RequestScopes(log: log, clock: authorizer.clock))
    }

    // MARK: Upkeep

    /// Takes on what is done to the file of API keys, until it is cancelled.
    private func followKeys() async {
        var isReadable = true
        while true {
            do { try await Task.sleep(for: Limits.keysInterval) } catch { return }
            do throws(GatewayError) {
                try keys.refresh()
                isReadable = true
            } catch {
                // Said once, however long it lasts.
                if isReadable { logger.warning("API keys stay as they were", metadata: ["error": "\(error)"]) }
                isReadable = false
            }
        }
    }

    /// Runs until it is cancelled. An unreachable ledger is waited for; files that cannot be used end the gateway.
    private func lookAfterSessions() async throws(GatewayError) {
        var isReached = true
        var modelsAreDue = ContinuousClock.now
        while !Task.isCancelled {
            do throws(GatewayError) {
                if ContinuousClock.now >= modelsAreDue {
                    do { try await models.refresh() } catch { throw .ledger(error) }
                    modelsAreDue = ContinuousClock.now + Limits.modelsInterval
                }
                try await pool.upkeep()
                pool.metrics.show(ledgerReachable: true)
                if !isReached { logger.info("ledger reached again") }
                isReached = true
            } catch {
                if error.isFatal { throw error }
                pool.metrics.show(ledgerReachable: false)
                // Said once, however long it lasts.
                if isReached { logger.warning("sessions not looked after", metadata: ["error": "\(error)"]) }
                isReached = false
            }
            do { try await Task.sleep(for: Limits.upkeepInterval) } catch { return }
        }
    }
}

extension GatewayError {
    /// Whether waiting does not help: the gateway cannot know what it has promised.
    fileprivate var isFatal: Bool {
        switch self {
        case .damagedBook, .cannotRead: true
        default: false
        }
    }
}
