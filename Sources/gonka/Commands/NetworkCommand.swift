import ArgumentParser
import Foundation
import WireFormat

/// Several validators on this machine.
struct NetworkCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "network",
        abstract: "A network of separate processes on this machine: keys, genesis, CometBFT nodes with their ledgers.",
        discussion: """
            Everything listens on loopback and lies in `network/` of the home. Hosts and gateways are started apart and given \
            any validator's RPC as --node; their keys are in the network's keyring (--home HOME/network).
            """,
        subcommands: [Init.self, Start.self, Status.self, Stop.self])

    struct Init: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write CometBFT's homes, genesis and keys for a new network.")

        @OptionGroup var home: HomeOptions
        @Option(help: "How many validators, which are its hosts too.") var validators = 4
        @Option(help: "The first of ten ports for each validator.") var basePort = 27_000
        @Option(help: "The port of the first host's URL in the genesis; the others follow.") var firstHostPort = 8_001

        func validate() throws {
            guard (1...NetworkLayout.validatorsMax).contains(validators) else {
                throw ValidationError("--validators is between 1 and \(NetworkLayout.validatorsMax).")
            }
            guard (1...65_535 - validators).contains(firstHostPort) else {
                throw ValidationError("--first-host-port leaves no ports for \(validators) hosts.")
            }
            guard (1_024...65_000).contains(basePort), basePort + 10 * validators <= 65_535 else {
                throw ValidationError("--base-port leaves no ports for \(validators) validators.")
            }
        }

        func run() async throws {
            try await Exit.reporting {
                let folder = home.folder
                try folder.prepare()
                let layout = NetworkLayout(folder: folder.path + "/network", basePort: basePort)
                guard !FileManager.default.fileExists(atPath: layout.folder) else {
                    throw OperatorError(
                        "there is a network in \(layout.folder) already; stop it and remove the folder first.")
                }
                try Home(layout.folder).prepare()
                try NetworkFiles(layout: layout, validators: validators, firstHostPort: firstHostPort).write()
                StandardOutput.write(
                    "wrote \(validators) validators of \(NetworkLayout.chainID) to \(layout.folder)\n"
                        + "start them behind CometBFT with: gonka network start\n"
                        + "or one node that orders blocks itself: gonka node --genesis \(layout.genesis)\n")
            }
        }
    }

    struct Start: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Start what of the network does not run.")
        @OptionGroup var home: HomeOptions

        func run() async throws {
            try await Exit.reporting {
                try NetworkCommand.processes(in: home.folder).start()
                StandardOutput.write("started; `gonka network status` shows heights in a few seconds\n")
            }
        }
    }

    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show each validator's processes, height and app hash.")
        @OptionGroup var home: HomeOptions

        func run() async throws {
            try await Exit.reporting {
                let rows = try await NetworkCommand.processes(in: home.folder).status()
                StandardOutput.write(Output.table(["validator", "rpc", "processes", "height", "app hash"], rows))
            }
        }
    }

    struct Stop: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Stop the network's processes; what they wrote stays.")
        @OptionGroup var home: HomeOptions

        func run() async throws {
            try await Exit.reporting {
                let count = try await NetworkCommand.processes(in: home.folder).stop()
                StandardOutput.write("stopped \(count) processes\n")
            }
        }
    }

    private static func processes(in home: Home) throws -> NetworkProcesses {
        let folder = home.path + "/network"
        guard let data = FileManager.default.contents(atPath: folder + "/network.json"),
            let value = try? JSONParser.parse(Array(data)),
            let validators = value["validators"]?.number?.uint64.flatMap({ Int(exactly: $0) }),
            let basePort = value["base_port"]?.number?.uint64.flatMap({ Int(exactly: $0) }),
            (1...NetworkLayout.validatorsMax).contains(validators), (1...65_535).contains(basePort)
        else { throw OperatorError("there is no network in \(folder); `gonka network init` makes one.") }
        return NetworkProcesses(layout: NetworkLayout(folder: folder, basePort: basePort), validators: validators)
    }
}
