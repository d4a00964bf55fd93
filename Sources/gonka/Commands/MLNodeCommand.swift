import ArgumentParser
import Conformance
import EngineAPI
import EngineWire
import Foundation
import HTTPEdge
import LedgerClient
import LlamaEngine
import Logging
import MLNode
import Messages
import Primitives
import ProtocolRules
import RemoteEngine
import ServiceLifecycle
import Wallet
import WireFormat

/// An engine on a machine of its own.
struct MLNodeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mlnode", abstract: "Run an ML node: models over HTTP, for hosts on other machines.",
        discussion: """
            Needs no ledger and no keys; it may run on any machine that its hosts reach, and hosts are given its address with \
            --mlnode. Whoever has its token may use it. `gonka mlnode check URL` holds any engine with this interface to what \
            the network relies on (docs/mlnode.md).
            """,
        subcommands: [Serve.self, Check.self], defaultSubcommand: Serve.self)

    struct Serve: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Serve models (what `gonka mlnode` does).")

        @OptionGroup var home: HomeOptions
        @Option(help: Setting.mlnodeModels.help, completion: Setting.modelFile.completion) var model: [String] = []
        @Option(help: Setting.mlnodeMemoryMax.help) var memoryMax: String?
        @OptionGroup var sizes: EngineSizeOptions
        @OptionGroup var log: LogOptions
        @OptionGroup var metrics: MetricsOptions
        @Option(help: Setting.mlnodeListen.help) var listen: String?
        @Option(help: Setting.mlnodePort.help) var port: Int?
        @Option(help: Setting.mlnodeToken.help) var token: String?
        @Option(help: Setting.mlnodeModelID.help) var modelID: String?
        @Option(help: Setting.mlnodeEngines.help) var engines: Int?
        @Option(help: Setting.mlnodeUpstream.help) var llamaServer: String?

        func run() async throws {
            try await Exit.reporting {
                let folder = home.folder
                try folder.prepare()
                let settings = try await Settings(home: folder, flags: flags)
                let lock = try HomeLock(folder)
                defer { withExtendedLifetime(lock) {} }
                let token = try makeOrReadToken(try settings.text(.mlnodeToken), folder)
                let metrics = try ProcessMetrics(settings)
                let nodeMetrics = MLNodeMetrics(metrics.factory)
                let files = try ModelFiles(settings)
                let upstream = try settings.text(.mlnodeUpstream)
                if !upstream.isEmpty {
                    return try await ForeignEngine.using(upstream, try files.only) { engine in
                        try await serve([engine], token: token, settings, metrics, nodeMetrics)
                    }
                }
                let logger = try settings.logger("gonka.mlnode")
                let shelf = try files.shelf(settings) { event, loaded in
                    nodeMetrics.note(event, loaded: loaded)
                    logger.notice("\(event.line)")
                }
                try await shelf.stopping {
                    try await shelf.loadWhatFits()
                    try await serve(shelf.engines, token: token, settings, metrics, nodeMetrics)
                }
            }
        }

        private func serve(
            _ engines: [any Engine], token: AccessToken, _ settings: Settings, _ metrics: ProcessMetrics,
            _ nodeMetrics: MLNodeMetrics
        ) async throws {
            let address = EdgeServer.Address(
                host: try settings.text(.mlnodeListen), port: try settings.number(.mlnodePort))
            let service = MLNodeService(
                MLNodeConfiguration(listen: address, token: token), engines: engines, metrics: nodeMetrics,
                logger: try settings.logger("gonka.mlnode"))
            let names = engines.map(\.capabilities.model).joined(separator: ", ")
            StandardError.write("ML node with \(names) at http://\(address)\n")
            try await Services.run(
                metrics.services + [service], logger: try settings.logger("gonka"), portFlag: "--port")
        }

        private var flags: [Setting: String] {
            .given(
                (.mlnodeListen, listen), (.mlnodePort, port), (.mlnodeToken, token), (.mlnodeModelID, modelID),
                (.mlnodeModels, model.isEmpty ? nil : model.joined(separator: ",")), (.mlnodeMemoryMax, memoryMax),
                (.mlnodeEngines, engines), (.mlnodeUpstream, llamaServer)) + sizes.flags + log.flags + metrics.flags
        }

        /// Hosts have the same file; the first start makes one where none was named.
        private func makeOrReadToken(_ path: String, _ home: Home) throws -> AccessToken {
            let own = home.path + "/mlnode-token"
            if path.isEmpty, !FileManager.default.fileExists(atPath: own) {
                try SecretTextFile(path: own).create(AccessToken.random().text)
                StandardError.write("made the token \(own); copy it into the home of every host that uses this node.\n")
            }
            return try RemoteEngines.token(path: path, home: home)
        }
    }

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Hold an engine at an address to what executors and auditors rely on.",
            discussion: """
                Asks for some hundred tokens; use it while nobody else does. With --model its answers are also scored by that \
                file in this process. Exit status 1 where a check fails.
                """)

        @OptionGroup var home: HomeOptions
        @Argument(help: "The engine's address, for example http://10.0.0.7:8100.") var url: String
        @Option(help: "A file with its token; else mlnode-token in this home.") var token: String?
        @Option(help: "The same model's GGUF file, to compare with.", completion: .file(extensions: ["gguf"]))
        var model: String?
        @Option(help: "Which of its models; else its first.") var modelID: String?
        @Option(
            help: "A node of the ledger whose record of the model has the thresholds; else those of the demo model.")
        var node: String?
        @Option(help: "Seconds for each check.") var patience = 120
        @Flag(help: "For programs.") var json = false

        func run() async throws {
            try await Exit.reporting {
                let token = try RemoteEngines.token(path: token ?? "", home: home.folder)
                let engine = try await RemoteEngine(url: url, token: token, model: modelID)
                let isConforming = try await [engine].closing {
                    let thresholds = try await thresholds(of: engine.capabilities.model)
                    guard let model else { return await check(engine, nil, thresholds) }
                    let own = engine.capabilities
                    let reference = try LlamaCppEngine(
                        LlamaConfiguration(modelPath: model, model: own.model, expectedFileHash: own.fileHash))
                    return try await reference.stopping { await check(engine, reference, thresholds) }
                }
                if !isConforming { throw Exit.checkFailed }
            }
        }

        private func thresholds(of model: String) async throws -> ModelThresholds {
            guard let node else { return .smolLM2 }
            guard let record = try await RPCLedger(url: node).model(model) else {
                throw OperatorError("the ledger at \(node) has no model \(model).")
            }
            return record.thresholds
        }

        private func check(
            _ engine: RemoteEngine, _ reference: LlamaCppEngine?, _ thresholds: ModelThresholds
        ) async -> Bool {
            let own = engine.capabilities
            let conformance = EngineConformance(
                engine, reference: reference, thresholds: thresholds, patience: .seconds(max(1, patience)))
            if !json {
                StandardOutput.write(
                    "\(own.model), \(own.contextTokens) tokens of context, \(own.parallelSequences) sequences at once\n"
                )
            }
            let reports = await conformance.run { report in
                if !json { StandardOutput.write(report.line) }
            }
            let failures = reports.count { $0.outcome == .failed }
            if json {
                Output.json(.array(reports.map(\.json)))
            } else {
                StandardOutput.write(
                    failures == 0
                        ? "conforms: \(reports.count { $0.outcome == .passed }) checks passed\n"
                        : "does not conform: \(failures) of \(reports.count) checks failed\n")
            }
            return failures == 0
        }
    }
}
