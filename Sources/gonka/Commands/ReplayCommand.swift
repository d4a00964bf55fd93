import ArgumentParser
import Ledger
import Primitives
import SoloOrdering
import StateStore
import WireFormat

/// Re-executes a block file from genesis.
struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay", abstract: "Re-execute a block file and print every app hash.",
        discussion:
            "Stops at the first block whose hash or app hash is not the recorded one, and says both. Exit status 1 then."
    )

    @Argument(help: "A block file, for example ~/.gonka/node/blocks.log.") var file: String
    @Flag(help: "Print the last line only.") var last = false
    @Flag(help: "For programs: one JSON object a line.") var json = false

    func run() async throws {
        try await Exit.reporting {
            var replay = try Replay(path: file, application: LedgerApp(storage: MemoryStorage()))
            var final: ChainTip?
            do throws(OrderingError) {
                while let tip = try replay.next() {
                    final = tip
                    if !last { show(tip) }
                }
            } catch {
                StandardError.write("gonka: \(error)\n")
                throw Exit.checkFailed
            }
            if last, let final { show(final) }
        }
    }

    private func show(_ tip: ChainTip) {
        guard json else { return StandardOutput.write("\(tip.height) \(tip.appHash)\n") }
        Output.json(["height": .number(tip.height), "app_hash": .string(tip.appHash.description)])
    }
}
