import AsyncHTTPClient
import Logging
import NIOCore
import NIOHTTP1
import Primitives
import ServiceLifecycle
import WireFormat

/// What host and gateway add between a client and an engine. Client, servers and ledger share this process and its cores, and
/// speak HTTP over loopback.
struct ServingBench {
    let quick: Bool

    /// Requests of each kind; the quick run has a tenth.
    private var latencySamples: Int { quick ? 100 : 1_000 }
    private var logger: Logger {
        var logger = Logger(label: "gonka.bench") { label in StandardErrorLog(label: label, format: .text) }
        logger.logLevel = .error
        return logger
    }

    func run() async throws -> [BenchPart] {
        let before = ResidentMemory.mebibytes()
        // A sync of the disk takes many times what host and gateway compute: the first run is without, the second with.
        let memory = try await measure(in: ScratchFolder.inMemory, files: "in memory") { try await latencies($0) }
        let disk = try await measure(in: nil, files: "on disk") { _ in [] }
        let loads = BenchPart(
            name: "serving_load",
            title: "Requests per second and resident memory (VmRSS) of this process, \(Int(before)) MiB before; "
                + "plain answers",
            columns: ["set-up", "host's files", "connections", "requests/s", "p50 ms", "p99 ms", "VmRSS MiB"],
            rows: memory.loads + disk.loads)
        return memory.parts + [loads]
    }

    private struct Results: Sendable {
        var parts: [BenchPart] = []
        var loads: [[BenchPart.Cell]] = []
    }

    private func measure(
        in parent: String?, files: String, _ more: @escaping @Sendable (ServingScene) async throws -> [BenchPart]
    ) async throws -> Results {
        let folder = try ScratchFolder(in: parent)
        let network = try await BenchNetwork(folder: folder.path, logger: logger)
        let client = LoadClient()
        let results = try await ServiceRun.during(network.nodeAndHost(), logger: logger) { [logger, quick] in
            try await client.waitUntilReady(network.hostURL + "/readyz")
            let payer = try await network.directPayer()
            let port = try await FreePort.find()
            let answers = try await ServingScene.answers(of: network, payer, client)
            let services: [any Service] = [
                BareServer(port: port, answers: answers, logger: logger), network.gateway(),
            ]
            return try await ServiceRun.during(services, logger: logger) {
                try await client.waitUntilReady("http://127.0.0.1:\(port)/readyz")
                try await client.waitUntilReady(network.gatewayURL + "/readyz")
                let scene = ServingScene(network: network, barePort: port, payer: payer, client: client)
                StandardError.write("  node, host and gateway run, files \(files)\n")
                let parts = try await more(scene)
                return Results(
                    parts: parts, loads: try await ServingLoad(scene: scene, quick: quick, files: files).rows())
            }
        }
        try await client.close()
        return results
    }

    /// Every set-up is asked in turn, so that a slow moment of the machine meets all of them.
    private func latencies(_ scene: ServingScene) async throws -> [BenchPart] {
        let plain = try await scene.interleaved(streams: false, samples: latencySamples)
        StandardError.write("  measured plain answers\n")
        let stream = try await scene.interleaved(streams: true, samples: latencySamples)
        StandardError.write("  measured streamed answers\n")
        let rows =
            rows("plain, whole", plain, \.whole) + rows("stream, first bytes", stream, \.first)
            + rows("stream, whole", stream, \.whole)
        return [
            BenchPart(
                name: "serving_latency",
                title: "Latency over an engine with a fixed answer of 16 tokens, one request at a time, "
                    + "\(latencySamples) of each in turns, files in memory",
                columns: ["answer", "set-up", "p50 ms", "p99 ms", "adds, p50 ms", "adds, p99 ms"], rows: rows)
        ]
    }

    /// What a set-up adds to the one before: at p50 the median of the differences between neighbours in time, at p99 the
    /// difference of the two.
    private func rows(
        _ answer: String, _ timings: [[LoadClient.Timing]], _ time: KeyPath<LoadClient.Timing, Duration>
    ) -> [[BenchPart.Cell]] {
        let samples = timings.map { $0.map { $0[keyPath: time].milliseconds } }
        return zip(ServingScene.SetUp.allCases, samples.indices).map { setUp, index in
            let quantiles = Quantiles(samples[index])
            let row: [BenchPart.Cell] = [
                .text(answer), .text(setUp.name), .figure(quantiles.median, decimals: 3),
                .figure(quantiles.p99, decimals: 3),
            ]
            guard index > 0 else { return row + [.text("–"), .text("–")] }
            let differences = zip(samples[index], samples[index - 1]).map { $0 - $1 }
            return row + [
                .figure(Quantiles(differences).median, decimals: 3),
                .figure(quantiles.p99 - Quantiles(samples[index - 1]).p99, decimals: 3),
            ]
        }
    }
}
