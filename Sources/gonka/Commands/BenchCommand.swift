import ArgumentParser
import WireFormat

/// Measures this build on this machine.
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure the ledger, the servers, a node's start and the engine on this machine.",
        discussion: """
            Build with -c release first: `make bench`. Medians; machine, date and build head the output. Needs an idle machine, \
            and about five minutes; listens on free ports of loopback, keeps its files in temporary folders.
            """)

    /// What can be measured by itself.
    enum Part: String, CaseIterable, ExpressibleByArgument {
        case ledger, serving, node, engine
    }

    @OptionGroup var home: HomeOptions
    @OptionGroup var engine: EngineOptions
    @Option(parsing: .upToNextOption, help: "What to measure; all, where nothing is named.")
    var only: [Part] = Part.allCases
    @Flag(help: "A tenth of the work, to see that it runs.") var quick = false
    @Flag(help: "For programs: one JSON object.") var json = false

    func run() async throws {
        try await Exit.reporting {
            let machine = Machine()
            if !json { StandardOutput.write(machine.text) }
            var parts: [BenchPart] = []
            for part in Part.allCases where only.contains(part) {
                StandardError.write("\(part.rawValue):\n")
                let measured = try await measure(part)
                if !json { for part in measured { StandardOutput.write(part.text) } }
                parts += measured
            }
            if json { Output.json(["machine": machine.json, "parts": .array(parts.map(\.json))]) }
        }
    }

    private func measure(_ part: Part) async throws -> [BenchPart] {
        switch part {
        case .ledger: try await LedgerBench(quick: quick).run()
        case .serving: try await ServingBench(quick: quick).run()
        case .node: try await NodeBench(quick: quick).run()
        case .engine:
            try await EngineBench(modelPath: try await modelPath(), quick: quick).run()
        }
    }

    private func modelPath() async throws -> String {
        try await Settings(home: home.folder, flags: engine.flags).text(.modelFile)
    }
}
