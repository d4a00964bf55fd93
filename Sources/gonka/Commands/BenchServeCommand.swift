import ArgumentParser
import HostRoles
import ServiceLifecycle
import WireFormat

/// What a gateway needs around it, for benches that run it as a process of its own.
struct BenchServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench-serve",
        abstract: "Run a node, a host with a fixed answer, and a bare server with the same bytes, for benches.",
        discussion: """
            Prints one JSON object with their addresses once all are ready, and runs until it is stopped. A gateway finds \
            its keys in the same home: gonka gateway --home HOME --node NODE --payer developer --session-key gateway-session.
            """, shouldDisplay: false)

    @Option(help: "A new folder: a home for the gateway too.", completion: .directory) var home: String
    @Option(help: "Milliseconds between two tokens; 0 for all at once.") var pace = 0
    @Option(help: "Answers at once.") var places = 1_024
    @OptionGroup var log: LogOptions
    @OptionGroup var metrics: MetricsOptions

    func validate() throws {
        guard (0...60_000).contains(pace), (1...4_096).contains(places) else {
            throw ValidationError("--pace is 0 to 60000 and --places 1 to 4096.")
        }
    }

    func run() async throws {
        try await Exit.reporting {
            let settings = try await Settings(home: Home(home), flags: log.flags + metrics.flags)
            let logger = try settings.logger("gonka.bench")
            let metrics = try ProcessMetrics(settings)
            let engine = FixedAnswerEngine(
                places: places, pace: pace == 0 ? nil : .milliseconds(Int64(pace)))
            let network = try await BenchNetwork(folder: home, engine: engine, logger: logger)
            let services = metrics.services + (try network.nodeAndHost(metrics: HostMetrics(metrics.factory)))
            try await ServiceRun.during(services, logger: logger) {
                let client = LoadClient()
                try await client.waitUntilReady(network.hostURL + "/readyz")
                let payer = try await network.directPayer()
                let answers = try await ServingScene.answers(of: network, payer, client)
                let bare = BareServer(port: try await FreePort.find(), answers: answers, logger: logger)
                let desk = VoucherDesk(port: try await FreePort.find(), payer: payer, logger: logger)
                try await client.close()
                Output.json([
                    "node": .string(network.nodeURL), "host": .string(network.hostURL),
                    "bare": .string("http://127.0.0.1:\(bare.port)"), "desk": .string("http://127.0.0.1:\(desk.port)"),
                    "api_key": .string(network.apiKey), "model": .string(FixedAnswerEngine.model),
                ])
                try await Services.run([bare, desk], logger: logger, portFlag: "--home")
            }
        }
    }
}
