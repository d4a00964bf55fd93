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

    @Option(help: "The network's genesis file; needed at the first start.", completion: .file(extensions: ["json"]))
    var genesis: String?

    @Option(help: Setting.nodeListen.help) var listen: String?
    @Option(help: Setting.nodePort.help) var port: Int?
    @Flag(inversion: .prefixedNo, help: Setting.nodeEager.help) var eager: Bool?

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
            let settings = try await Settings(
                home: folder,
                flags: .given((.nodeListen, listen), (.nodePort, port), (.nodeEager, eager)) + log.flags)
            let address = EdgeServer.Address(
                host: try settings.text(.nodeListen), port: try settings.number(.nodePort))
            let runtime = try NodeRuntime(
                folder: node, genesis: file.request, address: address,
                pace: try settings.isOn(.nodeEager) ? .asSoonAsPossible : .everySecond,
                logger: try settings.logger("gonka.node")
            ) { port in StandardError.write("node of \(file.chainID) ready at http://\(address.host):\(port)\n") }
            try await Services.run([runtime], logger: try settings.logger("gonka"), portFlag: "--port")
        }
    }
}
