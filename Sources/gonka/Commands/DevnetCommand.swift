import ArgumentParser
import Foundation

/// A whole network on this machine.
struct DevnetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "devnet", abstract: "Run a whole network on this machine: node, three hosts, gateway, real model.",
        discussion: """
            Everything listens on loopback. The hosts share one copy of the model. Keys are random and marked as the \
            devnet's; its coins have no value.
            """,
        subcommands: [Run.self, Reset.self], defaultSubcommand: Run.self)

    struct Run: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Start the network; the first time from nothing.")

        @OptionGroup var home: HomeOptions
        @OptionGroup var engine: EngineOptions
        @OptionGroup var log: LogOptions
        @OptionGroup var metrics: MetricsOptions
        @OptionGroup var front: GatewayFrontOptions
        @Option(help: Setting.gatewayPort.help) var gatewayPort: Int?
        @Option(help: Setting.hostPort.help) var firstHostPort: Int?
        @Option(help: Setting.nodePort.help) var nodePort: Int?
        @Flag(help: "Ask a question, show who is paid what, then go on serving.") var demo = false
        @Flag(help: "With --demo: stop after the table.") var once = false
        @Flag(help: "Six hosts, one of which serves a 4-bit copy: see it caught. Always a demo, on a new chain.")
        var cheat = false
        @Option(
            help: ArgumentHelp(
                "Five equal hosts for so many epochs of 78 s: weights, audits, rewards, statements; then stop.",
                discussion: "Always on a new chain.", valueName: "count"))
        var epochs: UInt64?

        func validate() throws {
            if cheat, epochs != nil { throw ValidationError("--cheat and --epochs are two stories; choose one.") }
            if let epochs, !(1...1_000).contains(epochs) { throw ValidationError("--epochs is between 1 and 1000.") }
        }

        func run() async throws {
            try await Exit.reporting {
                let folder = home.folder
                try folder.prepare()
                let lock = try HomeLock(folder)
                defer { withExtendedLifetime(lock) {} }
                let settings = try await Settings(home: folder, flags: flags)
                let devnet = try await Devnet(layout: try layout(in: folder), settings: settings)
                try await devnet.run(story, once: once || epochs != nil)
            }
        }

        private var story: DevnetStory {
            if let epochs { return .epochs(epochs) }
            return cheat ? .cheat : demo || once ? .demo : .none
        }

        /// Some stories begin with a new chain each time: a host is convicted once.
        private func layout(in folder: Home) throws -> DevnetLayout {
            let cast = epochs != nil ? DevnetCast.equals : cheat ? .cheat : .demo
            let home = DevnetLayout.home(of: cast, in: folder)
            if cast.folder != nil {
                if FileManager.default.fileExists(atPath: home.path) {
                    try FileManager.default.removeItem(atPath: home.path)
                }
                try home.prepare()
            }
            return DevnetLayout(home: home, cast: cast)
        }

        private var flags: [Setting: String] {
            .given((.gatewayPort, gatewayPort), (.hostPort, firstHostPort), (.nodePort, nodePort)) + engine.flags
                + log.flags + metrics.flags + front.flags
        }
    }

    struct Reset: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Forget the devnet's blocks, sessions and items; keys stay.")
        @OptionGroup var home: HomeOptions

        func run() async throws {
            try await Exit.reporting {
                let folder = home.folder
                try folder.prepare()
                let lock = try HomeLock(folder)
                defer { withExtendedLifetime(lock) {} }
                for path in DevnetLayout(home: folder).disposable where FileManager.default.fileExists(atPath: path) {
                    try FileManager.default.removeItem(atPath: path)
                    StandardOutput.write("removed \(path)\n")
                }
            }
        }
    }
}
