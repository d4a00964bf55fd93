import ArgumentParser
import Gateway
import HTTPEdge
import Primitives
import ServiceLifecycle
import Wallet

/// A gateway on a machine of its own.
struct GatewayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gateway", abstract: "Run a gateway: an OpenAI endpoint that pays hosts from your account.")

    @OptionGroup var home: HomeOptions
    @OptionGroup var node: NodeOptions
    @OptionGroup var log: LogOptions
    @Option(help: "The name of the key that pays.") var payer: String
    @Option(help: "The name of the key that signs vouchers.") var sessionKey: String
    @Option(help: "What each session is opened with, for example 100GNK.") var deposit: String = "100GNK"
    @Option(help: "A model to open a session for at once; may be repeated.") var model: [String] = []
    @Option(help: "Address to listen on.") var listen: String = "127.0.0.1"
    @Option(help: "Port to listen on.") var port: Int = Defaults.gatewayPort

    func run() async throws {
        try await Exit.reporting {
            let folder = home.folder
            let keyring = try keyring(folder)
            let lock = try HomeLock(folder)
            defer { withExtendedLifetime(lock) {} }
            let directory = try folder.folder("gateway")
            let configuration = GatewayConfiguration(
                address: EdgeServer.Address(host: listen, port: port), directory: directory,
                payer: try keyring.privateKey(try keyName(payer)),
                sessionKey: try keyring.privateKey(try keyName(sessionKey)),
                terms: SessionTerms(deposit: try AmountText.parse(deposit)), models: model,
                keys: try apiKeys(in: directory))
            let service = GatewayService(configuration, ledger: node.ledger, logger: log.logger("gonka.gateway"))
            StandardError.write("gateway at http://\(listen):\(port)/v1\n")
            try await Services.run([service], logger: log.logger("gonka"), portFlag: "--port")
        }
    }

    /// The gateway's API keys; where there is none, one is made and shown once.
    private func apiKeys(in directory: String) throws -> APIKeys {
        var keys = try APIKeys(path: directory + "/api-keys.json")
        if keys.names.isEmpty {
            let key = try keys.create(name: "first", isDevnet: false)
            StandardError.write("The first API key, shown once: \(key)\n")
        }
        return keys
    }
}
