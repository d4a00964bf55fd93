import ABCIServer
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
            has one node, and stops when it stops. With --abci it is the application of a CometBFT node beside it, which \
            brings genesis, blocks and RPC, and which other validators' nodes agree with. With --follow it executes the blocks \
            of another node that orders them itself, checks every app hash, and stops at the first difference.
            """)

    @OptionGroup var home: HomeOptions
    @OptionGroup var log: LogOptions
    @OptionGroup var metrics: MetricsOptions

    @Option(help: "The network's genesis file; needed at the first start.", completion: .file(extensions: ["json"]))
    var genesis: String?

    @Option(help: Setting.nodeListen.help) var listen: String?
    @Option(help: Setting.nodePort.help) var port: Int?
    @Flag(inversion: .prefixedNo, help: Setting.nodeEager.help) var eager: Bool?
    @Option(help: Setting.nodeFollow.help) var follow: String?
    @Option(help: Setting.nodeABCI.help) var abci: String?
    @Option(help: Setting.nodeRetainBlocks.help) var retainBlocks: Int?

    func run() async throws {
        try await Exit.reporting {
            let folder = home.folder
            try folder.prepare()
            let lock = try HomeLock(folder)
            defer { withExtendedLifetime(lock) {} }
            let node = try folder.folder("node")
            let settings = try await Settings(
                home: folder,
                flags: .given(
                    (.nodeListen, listen), (.nodePort, port), (.nodeEager, eager), (.nodeABCI, abci),
                    (.nodeFollow, follow), (.nodeRetainBlocks, retainBlocks)) + log.flags + metrics.flags)
            if !(try settings.text(.nodeABCI).isEmpty) { return try await runBehindCometBFT(in: node, settings) }
            let kept = folder.path + "/genesis.json"
            let file = try GenesisFile(path: genesis ?? kept)
            if genesis != nil { try file.write(to: kept) }
            let address = EdgeServer.Address(
                host: try settings.text(.nodeListen), port: try settings.number(.nodePort))
            let followed = try settings.text(.nodeFollow)
            let metrics = try ProcessMetrics(settings)
            let runtime = try NodeRuntime(
                folder: node, genesis: file.request, address: address,
                pace: try settings.isOn(.nodeEager) ? .asSoonAsPossible : .everySecond,
                following: followed.isEmpty ? nil : RPCBlockSource(url: followed, metrics: metrics.factory),
                metrics: metrics.factory, logger: try settings.logger("gonka.node")
            ) { port in StandardError.write("node of \(file.chainID) ready at http://\(address.host):\(port)\n") }
            try await Services.run(
                metrics.services + [runtime], logger: try settings.logger("gonka"), portFlag: "--port")
        }
    }

    private func runBehindCometBFT(in folder: String, _ settings: Settings) async throws {
        guard genesis == nil else {
            throw OperatorError("with --abci the genesis comes from CometBFT; leave --genesis out.")
        }
        guard try settings.text(.nodeFollow).isEmpty else {
            throw OperatorError("--abci and --follow are two ways to get blocks; choose one.")
        }
        let text = try settings.text(.nodeABCI)
        guard let address = ABCIAddress(text) else {
            throw OperatorError(
                "\(text.debugDescription) is no address for CometBFT; give unix:///path/to/socket or tcp://host:port.")
        }
        let metrics = try ProcessMetrics(settings)
        let runtime = try ABCIRuntime(
            folder: folder, address: address, retainedBlocks: UInt64(try settings.number(.nodeRetainBlocks)),
            metrics: metrics.factory, logger: try settings.logger("gonka.node")
        ) { address in StandardError.write("node ready for CometBFT at \(address)\n") }
        try await Services.run(
            metrics.services + [runtime], logger: try settings.logger("gonka"), portFlag: "--abci")
    }
}
