import ArgumentParser
import Calibration
import Foundation
import LlamaEngine
import WireFormat

/// Measures a model for its record.
struct CalibrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calibrate",
        abstract: "Measure how far honest work and cheats are from a model, and propose thresholds for its record.",
        discussion: """
            Runs the model as honest hosts of several kinds do, and cheaper copies of it: 8 and 4 bits, layers cut, drafts with \
            recomputed numbers, a search for tokens that pass. An auditor checks them all. Takes half an hour or more on two \
            cores, which should be idle: threads that share a core with other programs wait for each other by spinning. Copies \
            of the model lie in a temporary folder (TMPDIR) while they are used, up to the model's own size.
            """)

    @OptionGroup var home: HomeOptions
    @Argument(help: "A GGUF file with 16-bit weights and a ChatML template, or \(DemoModel.id).", completion: .file())
    var model: String
    @Option(help: "Sprint items of each kind of host; other texts have an eighth and a sixteenth of it.")
    var items: Int?
    @Option(help: "Threads of the auditor and of most hosts; all cores, or one with --quick, where nothing is said.")
    var threads: Int?
    @Option(help: "Prompts and random choices follow from it.") var seed: Int64 = 1
    @Flag(help: "A minute's work on one core, to see that it runs.") var quick = false
    @Flag(help: "For programs: one JSON object.") var json = false

    func run() async throws {
        try await Exit.reporting {
            let plan = CalibrationPlan(
                items: try number(items, or: quick ? 2 : 128, upTo: 10_000, "--items"),
                threads: try number(
                    threads, or: quick ? 1 : LlamaConfiguration.defaultThreads(enginesOnThisMachine: 1), upTo: 256,
                    "--threads"),
                seed: seed, isQuick: quick)
            let source = LlamaEngineSource(modelPath: try await modelPath(), scratch: try ScratchFolder())
            let start = ContinuousClock.now
            let result = try await Calibrator(plan, source: source) { what in
                StandardError.write("  \(what); \(Steps.seconds(start.duration(to: .now))) so far\n")
            }.run()
            show(CalibrationTables(result), plan)
        }
    }

    private func show(_ tables: CalibrationTables, _ plan: CalibrationPlan) {
        let machine = Machine()
        let parts = tables.parts
        if json {
            Output.json([
                "machine": machine.json, "model": .string(modelName), "items": .number(Int64(plan.items)),
                "threads": .number(Int64(plan.threads)), "seed": .number(seed), "quick": .boolean(quick),
                "notes": .string(CalibrationTables.notes), "parts": .array(parts.map(\.json)),
            ])
        } else {
            StandardOutput.write(machine.text)
            StandardOutput.write(
                "\(modelName); sprint items a host: \(plan.items), threads: \(plan.threads), seed: \(seed)\n\n")
            StandardOutput.write(CalibrationTables.notes + "\n" + parts.map(\.text).joined())
        }
    }

    private func number(_ given: Int?, or fallback: Int, upTo limit: Int, _ flag: String) throws -> Int {
        guard let given else { return fallback }
        guard 1...limit ~= given else { throw OperatorError("\(flag) is \(given); use 1 to \(limit).") }
        return given
    }

    /// Without the folders that it lies in.
    private var modelName: String { URL(fileURLWithPath: model).lastPathComponent }

    private func modelPath() async throws -> String {
        let path = model == DemoModel.id ? try await Settings(home: home.folder).text(.modelFile) : model
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue else {
            throw OperatorError(
                "there is no model file at \(path); name a GGUF file, or \(DemoModel.id) after `make setup`.")
        }
        // Said here in one sentence; the library would take several.
        guard beginning(of: path) == Data("GGUF".utf8) else {
            throw OperatorError("\(path) is no GGUF file; convert the model, or name another file.")
        }
        return path
    }

    private func beginning(of path: String) -> Data? {
        guard let file = FileHandle(forReadingAtPath: path) else { return nil }
        defer { try? file.close() }
        return try? file.read(upToCount: 4)
    }
}
