import Foundation
import HTTPEdge
import Testing

@testable import gonka

/// A node as the commands run it.
@Suite(.timeLimit(.minutes(1))) struct NodeRuntimeTests {
    /// Whoever takes the port between the check and the node's start must not leave a node that makes blocks for nobody.
    @Test func aPortThatIsTakenEndsTheNode() async throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("gonka-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let home = Home(path)
        try home.prepare()
        let layout = DevnetLayout(home: home)
        try LocalGenesis.make(
            try LocalKeys(layout, hosts: 1), parameters: layout.cast.parameters, model: try DemoModel.record()
        ) { "http://127.0.0.1:\(9 + $0)" }.write(to: layout.genesis)
        let genesis = try GenesisFile(path: layout.genesis).request
        let logger = try await Settings(home: home, environment: [:]).logger("gonka.node")
        let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
        let first = try NodeRuntime(
            folder: try home.folder("first"), genesis: genesis, address: EdgeServer.Address(port: 0),
            pace: layout.cast.pace, logger: logger, onReady: { continuation.yield($0) })
        let running = Task { try await first.run() }
        var iterator = ports.makeAsyncIterator()
        let address = EdgeServer.Address(port: try #require(await iterator.next()))
        let second = try NodeRuntime(
            folder: try home.folder("second"), genesis: genesis, address: address, pace: layout.cast.pace,
            logger: logger)
        await #expect(throws: EdgeError.addressInUse(address)) { try await second.run() }
        running.cancel()
        _ = await running.result
    }
}
