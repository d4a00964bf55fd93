import ArgumentParser
import Cryptography
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

    @OptionGroup var home: HomeOptions
    @OptionGroup var node: NodeOptions
    @OptionGroup var engine: EngineOptions
    @OptionGroup var log: LogOptions
    @Option(help: "The host's account, gonka1…") var account: String
    @Option(help: "The name of the operator key in this home.") var operatorKey: String
    @Option(help: "Where clients reach this host.") var url: String
    @Option(help: "Address to listen on.") var listen: String = "127.0.0.1"
    @Option(help: "Port to listen on.") var port: Int = Defaults.firstHostPort

    func run() async throws {
        try await Exit.reporting {
            let folder = home.folder
            let keyring = try keyring(folder)
            let lock = try HomeLock(folder)
            defer { withExtendedLifetime(lock) {} }
            guard let address = Address(bech32: account) else {
                throw OperatorError("\(account.debugDescription) is no address; they begin with gonka1.")
            }
            let chainID = try await node.ledger.status().chainID
            guard let record = try await node.ledger.model(DemoModel.id) else {
                throw OperatorError("the ledger at \(node.url) has no model \(DemoModel.id).")
            }
            var configuration = LlamaConfiguration(
                modelPath: engine.path, model: record.id, expectedFileHash: record.fileHash)
            if engine.threads > 0 { configuration.threads = engine.threads }
            let model = try LlamaCppEngine(configuration)
            let identity = HostIdentity(
                chainID: chainID, address: address, operatorKey: try keyring.privateKey(try keyName(operatorKey)),
                url: url)
            let service = try HostService(
                HostConfiguration(
                    listen: EdgeServer.Address(host: listen, port: port), itemFolder: try folder.folder("host")),
                identity: identity, ledger: node.ledger, engine: model, logger: log.logger("gonka.host"))
            StandardError.write("host \(account) at http://\(listen):\(port)\n")
            try await Services.run([service], logger: log.logger("gonka"), portFlag: "--port")
            await model.stop()
        }
    }
}
