import Cryptography
import Gateway
import HTTPEdge
import HostRoles
import HostServer
import LedgerClient
import Logging
import Messages
import Primitives
import ProtocolRules
import ServiceLifecycle
import SoloOrdering

/// A node, a host and a gateway as they run in any network, on ports of their own, over an engine with a fixed answer.
struct BenchNetwork {
    private static let deposit = Amount(1_000 * Amount.ngonkaPerGNK)

    /// Ports of this network.
    private struct Ports {
        let node: Int
        let host: Int
        let gateway: Int
    }

    let keys: LocalKeys
    let engine: FixedAnswerEngine
    private let layout: DevnetLayout
    private let ports: Ports
    private let apiKeys: APIKeys
    let apiKey: String
    private let logger: Logger

    var nodeURL: String { "http://127.0.0.1:\(ports.node)" }
    var hostURL: String { "http://127.0.0.1:\(ports.host)" }
    var gatewayURL: String { "http://127.0.0.1:\(ports.gateway)" }
    var hostAddress: Address { keys.hosts[0].publicKey.address }
    var ledger: RPCLedger { RPCLedger(url: nodeURL) }

    /// - Parameter folder: a home for all three: for the gateway's keys, and for what they write.
    init(folder: String, engine: FixedAnswerEngine = FixedAnswerEngine(), logger: Logger) async throws {
        self.engine = engine
        let home = Home(folder)
        try home.prepare()
        layout = DevnetLayout(home: home)
        keys = try LocalKeys(layout, hosts: 1)
        ports = Ports(
            node: try await FreePort.find(), host: try await FreePort.find(), gateway: try await FreePort.find())
        let host = ports.host
        try LocalGenesis.make(keys, parameters: layout.cast.parameters, model: Self.model()) {
            "http://127.0.0.1:\(host + $0)"
        }.write(to: layout.genesis)
        for folder in ["node", "gateway"] { _ = try home.folder(folder) }
        var apiKeys = try APIKeys(path: layout.gateway + "/api-keys.json")
        apiKey = try apiKeys.create(name: "bench", isDevnet: true)
        self.apiKeys = apiKeys
        self.logger = logger
    }

    /// The demo model's record, but for what the engine is.
    private static func model() throws -> ModelRecord {
        var record = try DemoModel.record()
        record.id = FixedAnswerEngine.model
        record.fileHash = .zero
        record.vocabulary = FixedAnswerEngine.vocabulary
        record.contextTokens = FixedAnswerEngine.contextTokens
        return record
    }

    /// The node, and a host that starts after the first block.
    func nodeAndHost(metrics: HostMetrics = HostMetrics()) throws -> [any Service] {
        let node = try NodeRuntime(
            folder: layout.node, genesis: GenesisFile(path: layout.genesis).request,
            address: EdgeServer.Address(port: ports.node), pace: layout.cast.pace, logger: logger)
        let identity = HostIdentity(
            chainID: DevnetLayout.chainID, address: hostAddress, operatorKey: keys.operators[0], url: hostURL)
        let host = try HostService(
            HostConfiguration(listen: EdgeServer.Address(port: ports.host), itemFolder: layout.host(1)),
            identity: identity, ledger: ledger, engines: [engine], metrics: metrics,
            logger: logger)
        return [node, Gated(isDue: { [ledger] in await (try? ledger.status().height) ?? 0 > 0 }, inner: host)]
    }

    func gateway() -> GatewayService {
        GatewayService(
            GatewayConfiguration(
                address: EdgeServer.Address(port: ports.gateway), directory: layout.gateway, payer: keys.developer,
                sessionKey: keys.session, terms: SessionTerms(deposit: Self.deposit), models: [FixedAnswerEngine.model],
                keys: apiKeys), ledger: ledger, logger: logger)
    }

    /// Opens a session for a client that speaks to the host itself.
    func directPayer() async throws -> DirectPayer {
        let sender = TransactionSender(ledger: ledger, key: keys.faucet)
        let message = MsgOpenSession(
            payer: sender.address, model: FixedAnswerEngine.model, deposit: Self.deposit,
            sessionKey: keys.faucet.publicKey.compressed)
        let result = try await sender.send([message.packed])
        guard let id = result.value(of: "session", in: "session_created").flatMap({ UInt64($0) }) else {
            throw OperatorError("the bench's own ledger opened no session: \(result.log)")
        }
        return try await DirectPayer(session: id, host: hostAddress, key: keys.faucet, ledger: ledger)
    }
}

/// Runs services for as long as something else lasts.
enum ServiceRun {
    /// Starts the services, runs `body`, and shuts the services down gracefully. The first failure of either ends both.
    static func during<Value: Sendable>(
        _ services: [any Service], logger: Logger, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let group = ServiceGroup(services: services, logger: logger)
        return try await withThrowingTaskGroup(of: Value?.self) { tasks in
            tasks.addTask {
                try await group.run()
                return nil
            }
            tasks.addTask {
                let value = try await body()
                await group.triggerGracefulShutdown()
                return value
            }
            var value: Value?
            for try await result in tasks { value = result ?? value }
            guard let value else { throw OperatorError("the bench's network stopped by itself.") }
            return value
        }
    }
}
