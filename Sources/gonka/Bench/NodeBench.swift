import Foundation
import Ledger
import LedgerBenchmarks
import Logging
import Messages
import OrderingAPI
import Primitives
import SoloOrdering
import StateDisk
import StateStore
import WireFormat

/// How soon a node serves after its start, with its state and without, and how fast blocks are executed again.
struct NodeBench {
    private static let rounds = 5
    private static let sessions = 100_000

    let quick: Bool

    func run() async throws -> [BenchPart] {
        var size = TransferLoad.Size()
        (size.accounts, size.transactionsPerBlock, size.blocks) = (10_000, 20, quick ? 100 : 1_000)
        let folder = try ScratchFolder()
        let home = Home(folder.path)
        let load = TransferLoad(size)
        try Self.fill(home, genesis: load.genesis, blocks: load.blocks)
        StandardError.write("  made a home with \(size.blocks) blocks\n")
        var (kept, gone, replays): ([Start], [Start], [Double]) = ([], [], [])
        for round in 1...(quick ? 1 : Self.rounds) {
            replays.append(try Self.replay(home, size.blocks))
            kept.append(try await Self.start(home))
            for name in ["state.sqlite", "state.sqlite-wal"] {
                try? FileManager.default.removeItem(atPath: home.path + "/node/" + name)
            }
            gone.append(try await Self.start(home))
            StandardError.write("  node, round \(round)\n")
        }
        return [part(size, kept, gone, replays), try await sessions()]
    }

    /// What many open sessions cost a start.
    private func sessions() async throws -> BenchPart {
        let count = quick ? 1_000 : Self.sessions
        let folder = try ScratchFolder()
        let home = Home(folder.path)
        let load = SessionLoad(sessions: count)
        try Self.fill(home, genesis: load.genesis, blocks: load.blocks)
        StandardError.write("  opened \(count) sessions\n")
        var starts: [Start] = []
        for _ in 1...(quick ? 1 : Self.rounds) { starts.append(try await Self.start(home)) }
        let seconds = Quantiles(starts.map(\.seconds)).median
        return BenchPart(
            name: "node_sessions", title: "A node with \(count) open sessions",
            columns: ["what", "median", "unit", "aim"],
            rows: [
                [.text("start to serving"), .figure(seconds, decimals: 3), .text("s"), .text("below 5")],
                [
                    .text("resident memory then (VmRSS)"), .whole(Quantiles(starts.map(\.memory)).median),
                    .text("MiB"), .text("–"),
                ],
            ])
    }

    private func part(_ size: TransferLoad.Size, _ kept: [Start], _ gone: [Start], _ replays: [Double]) -> BenchPart {
        func row(_ what: String, _ values: [Double], decimals: Int = 0, _ unit: String) -> [BenchPart.Cell] {
            [.text(what), .figure(Quantiles(values).median, decimals: decimals), .text(unit)]
        }
        return BenchPart(
            name: "node",
            title: "A node with \(size.blocks) blocks of \(size.transactionsPerBlock) signed transfers and "
                + "\(size.accounts) accounts; its process from the start to the first answer",
            columns: ["what", "median", "unit"],
            rows: [
                row("start to serving", kept.map(\.seconds), decimals: 3, "s"),
                row("start to serving, state gone: blocks executed again", gone.map(\.seconds), decimals: 3, "s"),
                row("resident memory then (VmRSS)", kept.map(\.memory), "MiB"),
                row("replay in memory", replays, "blocks/s"),
                row("replay in memory", replays.map { $0 * Double(size.transactionsPerBlock) }, "transfers/s"),
            ])
    }

    private struct Start {
        let seconds: Double
        let memory: Double
    }

    /// Makes a node's folder as the node leaves it: genesis, block file, state.
    private static func fill(_ home: Home, genesis: InitChainRequest, blocks: [[Bytes]]) throws {
        try home.prepare()
        let node = try home.folder("node")
        try GenesisFile(
            chainID: genesis.chainID, timeMilliseconds: genesis.genesisTimeMilliseconds,
            state: GenesisState.decode(genesis.applicationState)
        ).write(to: home.path + "/genesis.json")
        let logger = Logger(label: "gonka.bench") { _ in SwiftLogNoOpLogHandler() }
        var chain = try Chain(
            application: LedgerApp(storage: DiskStorage(path: node + "/state.sqlite")),
            log: BlockLog(path: node + "/blocks.log", genesis: genesis, logger: logger))
        for (index, block) in blocks.enumerated() {
            let result = try chain.extend(with: block, timeMilliseconds: UInt64(index) * 1_000)
            if let failed = result.transactionResults.first(where: { $0.code != 0 }) {
                throw OperatorError("a transaction of the bench failed: \(failed.log)")
            }
        }
    }

    /// Runs `gonka node` until it answers.
    private static func start(_ home: Home) async throws -> Start {
        guard let program = Bundle.main.executableURL else { throw OperatorError("this program has no file.") }
        let port = try await FreePort.find()
        let client = LoadClient()
        let process = Process()
        process.executableURL = program
        process.arguments = ["node", "--home", home.path, "--port", "\(port)", "--log-level", "error"]
        process.standardError = FileHandle.nullDevice
        let begin = ContinuousClock.now
        try process.run()
        do {
            try await client.waitUntilReady("http://127.0.0.1:\(port)/readyz")
        } catch {
            process.terminate()
            throw error
        }
        let duration = begin.duration(to: .now)
        let memory = ResidentMemory.mebibytes(of: "\(process.processIdentifier)")
        process.terminate()
        process.waitUntilExit()
        try await client.close()
        return Start(seconds: duration / .seconds(1), memory: memory)
    }

    /// Blocks per second, as `gonka replay` executes them; those that the node added since then are as good as empty.
    private static func replay(_ home: Home, _ blocks: Int) throws -> Double {
        var replay = try Replay(
            path: home.path + "/node/blocks.log", application: LedgerApp(storage: MemoryStorage()))
        let start = ContinuousClock.now
        for _ in 0..<blocks {
            guard try replay.next() != nil else { throw OperatorError("the bench's block file is too short.") }
        }
        return Double(blocks) / (start.duration(to: .now) / .seconds(1))
    }
}
