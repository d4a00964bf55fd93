import Cryptography
import EngineAPI
import Foundation
import Gateway
import HTTPEdge
import HostRoles
import HostServer
import LedgerClient
import LlamaEngine
import Logging
import Messages
import Primitives
import ServiceLifecycle
import SoloOrdering

/// A network in one process, by the same services that run apart: node, hosts and gateway speak HTTP to each other.
struct Devnet {
    let layout: DevnetLayout
    private let ports: DevnetPorts
    private static let deposit = Amount(100 * Amount.ngonkaPerGNK)
    /// Of the honest engine for each host that shares it.
    private static let sequencesPerHost = 3

    private let settings: Settings
    private let keys: LocalKeys
    let engine: LlamaCppEngine
    /// What the cheat serves and audits with.
    private let cheapEngine: LlamaCppEngine?

    private var nodeURL: String { "http://127.0.0.1:\(ports.node)" }
    var baseURL: String { "http://127.0.0.1:\(ports.gateway)/v1" }
    var ledger: RPCLedger { RPCLedger(url: nodeURL) }

    init(layout: DevnetLayout, settings: Settings) async throws {
        self.layout = layout
        self.settings = settings
        ports = try DevnetPorts(settings, hosts: layout.cast.hosts)
        try ports.checkFree()
        let steps = Steps()
        keys = try LocalKeys(layout)
        try Self.prepareGenesis(layout, keys, ports)
        steps.done("keys and genesis")
        let path = try settings.text(.modelFile)
        guard FileManager.default.fileExists(atPath: path) else {
            throw OperatorError("there is no model at \(path); run `make setup`, or name one with --model.")
        }
        let hash = try DemoModel.record().fileHash
        var configuration = LlamaConfiguration(modelPath: path, model: DemoModel.id, expectedFileHash: hash)
        let threads = try settings.number(.threads)
        configuration.threads =
            threads > 0
            ? threads : LlamaConfiguration.defaultThreads(enginesOnThisMachine: layout.cast.cheat == nil ? 1 : 2)
        configuration.parallelSequences = max(
            configuration.parallelSequences, Self.sequencesPerHost * Self.honestHosts(layout.cast))
        engine = try LlamaCppEngine(configuration)
        steps.done("model checked and loaded")
        cheapEngine = layout.cast.cheat == nil ? nil : try Self.cheapEngine(layout, configuration)
        if cheapEngine != nil { steps.done("a 4-bit copy made and loaded, for the host that cheats") }
    }

    private static func honestHosts(_ cast: DevnetCast) -> Int { cast.hosts - (cast.cheat == nil ? 0 : 1) }

    /// The model that costs the cheat a third of the memory: the same weights in 4 bits, under the real one's name.
    private static func cheapEngine(
        _ layout: DevnetLayout, _ honest: LlamaConfiguration
    ) throws -> LlamaCppEngine {
        try CheaperCopy.write(from: honest.modelPath, to: layout.cheapCopy, weights: .q4_0)
        var configuration = honest
        configuration.modelPath = layout.cheapCopy
        configuration.expectedFileHash = nil
        configuration.threads = 1
        configuration.parallelSequences = sequencesPerHost
        return try LlamaCppEngine(configuration)
    }

    /// Makes the genesis where there is none. The hosts' URLs are part of it: with other ports, clients would knock at whoever
    /// listens on the old ones.
    private static func prepareGenesis(_ layout: DevnetLayout, _ keys: LocalKeys, _ ports: DevnetPorts) throws {
        if FileManager.default.fileExists(atPath: layout.genesis) {
            let hosts = try GenesisFile(path: layout.genesis).state.hosts
            if hosts.map(\.registration.url) == (0..<layout.cast.hosts).map(ports.hostURL) { return }
            guard !FileManager.default.fileExists(atPath: layout.node) else {
                throw OperatorError(
                    "this devnet's hosts are \(hosts.map(\.registration.url).joined(separator: ", ")) on its ledger; "
                        + "start it with that --first-host-port, or forget it with `gonka devnet reset`.")
            }
        }
        try LocalGenesis.make(
            keys, parameters: layout.cast.parameters, model: DemoModel.record(), hostURL: ports.hostURL
        ).write(to: layout.genesis)
    }

    /// Runs until SIGTERM or SIGINT, or to the end of the demo.
    func run(_ story: DevnetStory, once: Bool) async throws {
        let metrics = try ProcessMetrics(settings)
        let node = try nodeRuntime(metrics)
        let gateway = try gatewayService(metrics)
        let hosts = try (1...layout.cast.hosts).map { afterFirstBlock(try host($0, metrics)) }
        var services = metrics.services + [node]
        services += hosts.map { $0 as any Service }
        services.append(afterFirstBlock(gateway))
        services.append(Conductor(devnet: self, gateway: gateway, story: story, once: once))
        try await ([engine] + (cheapEngine.map { [$0] } ?? [])).stopping {
            try await Services.run(
                services, logger: try settings.logger("gonka"),
                portFlag: "--gateway-port, --first-host-port or --node-port")
        }
    }

    private func nodeRuntime(_ metrics: ProcessMetrics) throws -> NodeRuntime {
        try FileManager.default.createDirectory(atPath: layout.node, withIntermediateDirectories: true)
        return try NodeRuntime(
            folder: layout.node, genesis: GenesisFile(path: layout.genesis).request,
            address: EdgeServer.Address(port: ports.node), pace: layout.cast.pace,
            metrics: metrics.factory, logger: try settings.logger("gonka.node")
        )
    }

    /// Hosts and gateway have nothing to look at before the first block.
    private func afterFirstBlock<Inner: Service>(_ service: Inner) -> Gated<Inner> {
        Gated(isDue: { [ledger] in await (try? ledger.status().height) ?? 0 > 0 }, inner: service)
    }

    private func host(_ number: Int, _ metrics: ProcessMetrics) throws -> HostService {
        let identity = HostIdentity(
            chainID: DevnetLayout.chainID, address: keys.hosts[number - 1].publicKey.address,
            operatorKey: keys.operators[number - 1], url: ports.hostURL(number - 1))
        return try HostService(
            HostConfiguration(
                listen: EdgeServer.Address(port: ports.firstHost + number - 1), itemFolder: layout.host(number)),
            identity: identity, ledger: ledger, engines: [try engine(ofHost: number)],
            metrics: HostMetrics(metrics.factory(ofHost: number)),
            logger: try settings.logger("gonka.host-\(number)"))
    }

    /// The honest hosts share one engine and take turns.
    private func engine(ofHost number: Int) throws -> any Engine {
        if number == layout.cast.cheat, let cheapEngine { return cheapEngine }
        return SharedEngine(engine, client: UInt32(number), of: Self.honestHosts(layout.cast))
    }

    private func gatewayService(_ metrics: ProcessMetrics) throws -> GatewayService {
        try FileManager.default.createDirectory(atPath: layout.gateway, withIntermediateDirectories: true)
        let configuration = GatewayConfiguration(
            address: EdgeServer.Address(port: ports.gateway), directory: layout.gateway, payer: keys.developer,
            sessionKey: keys.session,
            terms: SessionTerms(deposit: Devnet.deposit, groupSize: UInt64(layout.cast.hosts)),
            models: [DemoModel.id],
            keys: try apiKeys(), front: try settings.gatewayFront(directory: layout.gateway, isDevnet: true))
        return GatewayService(
            configuration, ledger: ledger, metrics: GatewayMetrics(metrics.factory),
            logger: try settings.logger("gonka.gateway"))
    }

    /// The gateway's keys; the first one is made here and kept in the clear for this user's own commands.
    private func apiKeys() throws -> APIKeys {
        var keys = try APIKeys(path: layout.gateway + "/api-keys.json")
        if keys.names.isEmpty {
            let key = try keys.create(name: "devnet", isDevnet: true)
            let isKept = FileManager.default.createFile(
                atPath: layout.apiKeyFile, contents: Data((key + "\n").utf8), attributes: [.posixPermissions: 0o600])
            guard isKept else { throw OperatorError("\(layout.apiKeyFile) cannot be written; see to the disk.") }
        }
        return keys
    }

    /// The host that cheats, where there is one.
    var cheat: Address? { layout.cast.cheat.map { keys.hosts[$0 - 1].publicKey.address } }

    /// What to call each host.
    var names: [Address: String] {
        Dictionary(
            uniqueKeysWithValues: keys.hosts.enumerated().map { index, key in
                let number = index + 1
                return (
                    key.publicKey.address, number == layout.cast.cheat ? "host \(number), the cheat" : "host \(number)"
                )
            })
    }

    /// The devnet's API key, made the first time.
    func apiKey() throws -> String {
        guard let data = FileManager.default.contents(atPath: layout.apiKeyFile) else {
            throw OperatorError("\(layout.apiKeyFile) is missing; start the devnet anew after `gonka devnet reset`.")
        }
        return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// How to reach the network, for a person.
    func welcome() {
        StandardOutput.write(
            """

            The network serves until you press Ctrl-C. With the openai client:

                base_url  \(baseURL)
                api_key   in \(layout.apiKeyFile)
                model     \(DemoModel.id)

            Or: gonka chat "Hello" --receipt receipt.json, and then gonka verify receipt.json

            """)
    }
}
