import ArgumentParser
import Foundation

/// Measures this build on this machine.
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Measure the ledger and the engine on this machine.",
        discussion: "Build with -c release first: `make bench`. Medians; the machine and the date head the output.")

    @OptionGroup var home: HomeOptions
    @OptionGroup var engine: EngineOptions
    @Flag(help: "Leave out the engine, which needs the model.") var ledgerOnly = false
    @Flag(help: "A tenth of the work, to see that it runs.") var quick = false

    func run() async throws {
        try await Exit.reporting {
            StandardOutput.write(Machine.description + "\n\n")
            try await LedgerBench(accounts: quick ? 10_000 : 100_000, blocks: quick ? 3 : 10).run()
            guard !ledgerOnly else { return }
            let settings = try await Settings(home: home.folder, flags: engine.flags)
            try await EngineBench(modelPath: try settings.text(.modelFile), pairs: quick ? 1 : 5).run()
        }
    }
}

/// What a figure was measured on.
enum Machine {
    static var description: String {
        let date = Date.now.formatted(.iso8601.year().month().day())
        let processor = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8))?.split(separator: "\n").first {
            $0.hasPrefix("model name")
        }?.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) }
        #if DEBUG
            let build = "debug build: figures mean nothing"
        #else
            let build = "release build"
        #endif
        let cores = ProcessInfo.processInfo.activeProcessorCount
        return "\(date), \(cores) cores of \(processor ?? "an unknown processor"), \(build), \(Version.text)"
    }
}
