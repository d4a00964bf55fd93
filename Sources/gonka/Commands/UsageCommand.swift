import ArgumentParser
import Foundation
import Gateway
import Primitives

/// What a gateway's keys used.
struct UsageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "usage", abstract: "Show what each key used, by day and model: requests, tokens, coins.",
        discussion: "Reads the home's file; the gateway may run, and is then a second ahead of it. Coins are ngonka.")

    @OptionGroup var home: HomeOptions
    @Flag(help: "For spreadsheets.") var csv = false
    @Flag(help: "For programs.") var json = false
    @Option(help: "The first day (UTC), for example 2026-11-01.") var from: String?
    @Option(help: "The last day (UTC).") var to: String?
    @Option(help: "The name of one key.") var key: String?

    func validate() throws {
        if csv, json { throw ValidationError("--csv and --json are two forms; choose one.") }
        for day in [from, to] {
            if let day, KeyTerms.seconds(ofDay: day) == nil {
                throw ValidationError("\(day.debugDescription) is no day; write for example 2026-11-01.")
            }
        }
    }

    func run() async throws {
        try await Exit.reporting {
            let path = home.folder.path + "/gateway/usage.sqlite"
            guard FileManager.default.fileExists(atPath: path) else {
                throw OperatorError("there is no \(path); the gateway makes it at its first start.")
            }
            let lines = try UsageFile(path: path).lines(UsageQuery(from: from, to: to, key: key))
            if json { return Output.json(UsageExport.json(lines)) }
            if csv { return StandardOutput.write(UsageExport.csv(lines)) }
            StandardOutput.write(
                Output.table(
                    ["date", "key", "model", "requests", "prompt tokens", "output tokens", "fee"],
                    lines.map { line in
                        [
                            line.date, line.key, line.model, "\(line.usage.requests)", "\(line.usage.promptTokens)",
                            "\(line.usage.outputTokens)", line.usage.fee.inGNK,
                        ]
                    }))
        }
    }
}
