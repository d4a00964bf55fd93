import ArgumentParser
import HTTPEdge
import ServiceLifecycle
import SoloOrdering

/// The ledger alone.
struct NodeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "node", abstract: "Run a ledger node: blocks, state and RPC.",
        discussion: """
            Starts from a genesis file the first time, from its own block file ever after. Orders blocks itself: the network \
            has one node, and stops when it stops.
            """)

    @OptionGroup var home: HomeOptions
    @OptionGroup var log: LogOptions

    @Option(help: "The network's genesis file; needed at the first start.")
    var genesis: String?

    @Option(help: "Address to listen on.")
    var listen: String = "127.0.0.1"

    @Option(help: "Port for the RPC.")
    var port: Int = Defaults.nodePort

    @Flag(help: "Make a block as soon as a transaction waits, not only every second.")
    var eager = false

    func run() async throws {
        try await Exit.reporting {
            let folder = home.folder
            try folder.prepare()
            let lock = try HomeLock(folder)
            defer { withExtendedLifetime(lock) {} }
            let node = try folder.folder("node")
            let kept = folder.path + "/genesis.json"
            let file = try GenesisFile(path: genesis ?? kept)
            if genesis != nil { try file.write(to: kept) }
            let address = EdgeServer.Address(host: listen, port: port)
            let runtime = try NodeRuntime(
                folder: node, genesis: file.request, address: address, pace: eager ? .asSoonAsPossible : .everySecond,
                logger: log.logger("gonka.node")
            ) { port in StandardError.write("node of \(file.chainID) ready at http://\(listen):\(port)\n") }
            try await Services.run([runtime], logger: log.logger("gonka"), portFlag: "--port")
        }
    }
}
