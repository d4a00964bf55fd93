import ArgumentParser
import Gateway
import HTTPEdge
import Primitives
import ServiceLifecycle
import Wallet

/// A gateway on a machine of its own.
struct GatewayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gateway", abstract: "Run a gateway: an OpenAI endpoint that pays hosts from your account.",
        discussion: "`gonka gateway keys` says who may ask it, `gonka gateway usage` what they used.",
        subcommands: [GatewayRunCommand.self, GatewayKeysCommand.self, UsageCommand.self],
        defaultSubcommand: GatewayRunCommand.self)
}

/// The gateway itself.
struct GatewayRunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run the gateway (what `gonka gateway` does).")

    @OptionGroup var node: NodeOptions
    @OptionGroup var log: LogOptions
    @OptionGroup var metrics: MetricsOptions
    @OptionGroup var front: GatewayFrontOptions
    @OptionGroup(title: "Which hosts are asked") var routing: RoutingOptions
    @Option(help: Setting.gatewayPayer.help) var payer: String?
    @Option(help: Setting.gatewaySessionKey.help) var sessionKey: String?
    @Option(help: Setting.gatewayDeposit.help) var deposit: String?
    @Option(help: Setting.gatewayModels.help) var model: [String] = []
    @Option(help: Setting.gatewayListen.help) var listen: String?
    @Option(help: Setting.gatewayPort.help) var port: Int?

    func run() async throws {
        try await Exit.reporting {
            let folder = node.home.folder
            let settings = try await Settings(home: folder, flags: flags)
            let keyring = try keyring(folder)
            let lock = try HomeLock(folder)
            defer { withExtendedLifetime(lock) {} }
            let directory = try folder.folder("gateway")
            let address = EdgeServer.Address(
                host: try settings.text(.gatewayListen), port: try settings.number(.gatewayPort))
            var configuration = GatewayConfiguration(
                address: address, directory: directory,
                payer: try keyring.privateKey(try keyName(settings.text(.gatewayPayer))),
                sessionKey: try keyring.privateKey(try keyName(settings.text(.gatewaySessionKey))),
                terms: SessionTerms(deposit: try AmountText.parse(settings.text(.gatewayDeposit))),
                models: try settings.list(.gatewayModels), keys: try apiKeys(in: directory),
                front: try settings.gatewayFront(directory: directory))
            configuration.policy = try RoutingPolicy(settings)
            configuration.keyPolicies = try settings.keyPolicies(within: configuration.policy)
            try KeyPolicies(configuration.keyPolicies).check(configuration.keys)
            let metrics = try ProcessMetrics(settings)
            let service = GatewayService(
                configuration, ledger: try await node.ledger(), metrics: GatewayMetrics(metrics.factory),
                logger: try settings.logger("gonka.gateway"))
            StandardError.write("gateway at http://\(address)/v1\n")
            try await Services.run(
                metrics.services + [service], logger: try settings.logger("gonka"), portFlag: "--port")
        }
    }

    private var flags: [Setting: String] {
        .given(
            (.gatewayPayer, payer), (.gatewaySessionKey, sessionKey), (.gatewayDeposit, deposit),
            (.gatewayModels, model.isEmpty ? nil : model.joined(separator: ",")), (.gatewayListen, listen),
            (.gatewayPort, port)) + log.flags + metrics.flags + front.flags + routing.flags
    }

    /// The gateway's API keys; where there is none, one is made and shown once.
    private func apiKeys(in directory: String) throws -> APIKeys {
        var keys = try APIKeys(path: directory + "/api-keys.json")
        if keys.names.isEmpty {
            let key = try keys.create(name: "first", isDevnet: false)
            StandardError.write("The first API key, shown once on standard output; `gonka api-keys` makes more:\n")
            StandardOutput.write(key + "\n")
        }
        return keys
    }
}
