import ArgumentParser
import Cryptography
import EngineAPI
import HTTPEdge
import HostRoles
import HostServer
import LedgerClient
import LlamaEngine
import Messages
import Primitives
import ServiceLifecycle
import Wallet

/// A host on a machine of its own.
struct HostCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "host", abstract: "Run a host: serve a model, be paid for it.",
        discussion: "The host's account must be registered on the ledger with this operator key and URL.")

    @OptionGroup var node: NodeOptions
    @OptionGroup var engine: EngineOptions
    @OptionGroup var log: LogOptions
    @OptionGroup var metrics: MetricsOptions
    @OptionGroup(title: "What is sold") var selling: SellingOptions
    @Option(help: Setting.hostAccount.help) var account: String?
    @Option(help: Setting.hostOperatorKey.help) var operatorKey: String?
    @Option(help: Setting.hostURL.help) var url: String?
    @Option(help: Setting.hostListen.help) var listen: String?
    @Option(help: Setting.hostPort.help) var port: Int?
    @Option(help: Setting.hostEngines.help) var engines: Int?
    @Option(help: Setting.hostMLNodes.help) var mlnode: [String] = []
    @Option(help: Setting.hostMLNodeToken.help) var mlnodeToken: String?

    func run() async throws {
        try await Exit.reporting {
            let folder = node.home.folder
            let settings = try await Settings(home: folder, flags: flags)
            let keyring = try keyring(folder)
            let lock = try HomeLock(folder)
            defer { withExtendedLifetime(lock) {} }
            let ledger = try await node.ledger()
            let identity = try await identity(settings, keyring, ledger)
            let record = try await record(ledger)
            let metrics = try ProcessMetrics(settings)
            try await withEngines(settings, folder, record) { engines in
                let address = EdgeServer.Address(
                    host: try settings.text(.hostListen), port: try settings.number(.hostPort))
                var configuration = HostConfiguration(listen: address, itemFolder: try folder.folder("host"))
                configuration.limits.selling = try SellingTerms(settings)
                let service = try HostService(
                    configuration,
                    identity: identity, ledger: ledger, engines: engines,
                    metrics: HostMetrics(metrics.factory), logger: try settings.logger("gonka.host"))
                StandardError.write("host \(identity.address.bech32) at http://\(address)\n")
                try await Services.run(
                    metrics.services + [service], logger: try settings.logger("gonka"), portFlag: "--port")
            }
        }
    }

    private var flags: [Setting: String] {
        .given(
            (.hostAccount, account), (.hostOperatorKey, operatorKey), (.hostURL, url), (.hostListen, listen),
            (.hostPort, port), (.hostEngines, engines),
            (.hostMLNodes, mlnode.isEmpty ? nil : mlnode.joined(separator: ",")), (.hostMLNodeToken, mlnodeToken))
            + engine.flags + log.flags + metrics.flags + selling.flags
    }

    private func identity(_ settings: Settings, _ keyring: Keyring, _ ledger: RPCLedger) async throws -> HostIdentity {
        let account = try settings.text(.hostAccount)
        guard let address = Address(bech32: account) else {
            throw OperatorError("\(account.debugDescription) is no address; they begin with gonka1.")
        }
        return HostIdentity(
            chainID: try await ledger.status().chainID, address: address,
            operatorKey: try keyring.privateKey(try keyName(settings.text(.hostOperatorKey))),
            url: try settings.text(.hostURL))
    }

    private func record(_ ledger: RPCLedger) async throws -> ModelRecord {
        guard let record = try await ledger.model(DemoModel.id) else {
            throw OperatorError("the ledger at \(try await node.url()) has no model \(DemoModel.id).")
        }
        return record
    }

    /// Runs `work` with the engines of the ML nodes that were named, else with as many of this process as were asked for.
    private func withEngines(
        _ settings: Settings, _ home: Home, _ record: ModelRecord, _ work: ([any Engine]) async throws -> Void
    ) async throws {
        let nodes = try settings.list(.hostMLNodes)
        guard nodes.isEmpty else {
            let token = try RemoteEngines.token(path: try settings.text(.hostMLNodeToken), home: home)
            let engines = try await RemoteEngines.connect(to: nodes, token: token, record: record)
            return try await engines.closing { try await work(engines) }
        }
        let engines = try LocalEngines.load(
            try settings.number(.hostEngines), model: record.id, fileHash: record.fileHash, settings)
        try await engines.stopping { try await work(engines) }
    }
}
