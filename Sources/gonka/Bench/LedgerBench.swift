import Ledger
import LedgerBenchmarks
import OrderingAPI
import StateDisk
import StateStore

/// Transfers through the node's whole pipeline, through the ledger alone, and where the time goes.
struct LedgerBench {
    private static let rounds = 3

    let quick: Bool

    func run() async throws -> [BenchPart] {
        var size = TransferLoad.Size()
        if quick { (size.accounts, size.blocks) = (10_000, 3) }
        let load = TransferLoad(size)
        StandardError.write("  signed \(load.transactionCount) transfers\n")
        var (pipeline, behind): ([Double], [Double]) = ([], [])
        var (disk, memory): ([TransferBenchmark.Timings], [TransferBenchmark.Timings]) = ([], [])
        for round in 1...(quick ? 1 : Self.rounds) {
            let folder = try ScratchFolder()
            let ordering = OrderingBench(
                load: load,
                application: { try LedgerApp(storage: DiskStorage(path: folder.path + "/state.sqlite")) },
                blockFile: folder.path + "/blocks.log")
            let abci = ABCIBench(
                load: load,
                application: { try LedgerApp(storage: DiskStorage(path: folder.path + "/abci.sqlite")) },
                socketPath: folder.path + "/app.sock")
            // In turns, so that neither has the quieter machine.
            if round.isMultiple(of: 2) { behind.append(try await abci.run()) }
            pipeline.append(try await ordering.run())
            if !round.isMultiple(of: 2) { behind.append(try await abci.run()) }
            disk.append(
                try TransferBenchmark(load, storage: DiskStorage(path: folder.path + "/ledger.sqlite")).run())
            memory.append(try TransferBenchmark(load, storage: MemoryStorage()).run())
            StandardError.write("  ledger, round \(round)\n")
        }
        let what = "\(size.accounts) accounts, \(size.blocks) blocks of \(size.transactionsPerBlock) signed transfers"
        return [
            rates(what, pipeline, disk, memory), orderings(what, pipeline, behind), steps(what, disk, memory),
        ]
    }

    private func rates(
        _ what: String, _ pipeline: [Double], _ disk: [TransferBenchmark.Timings],
        _ memory: [TransferBenchmark.Timings]
    ) -> BenchPart {
        func row(_ name: String, _ rates: [Double], aim: Double?) -> [BenchPart.Cell] {
            let rate = Quantiles(rates).median
            return [
                .text(name), .whole(rate), aim.map { .whole($0) } ?? .text("–"),
                aim.map { .figure(rate / $0, decimals: 2) } ?? .text("–"),
            ]
        }
        return BenchPart(
            name: "ledger", title: "Ledger, \(what)", columns: ["what", "transfers/s", "aim", "ratio"],
            rows: [
                row("decode, verify, admit, order, execute, durable block", pipeline, aim: 15_000),
                row("the same without ordering, on one core", disk.map(\.perSecond), aim: nil),
                row("in memory, on one core", memory.map(\.perSecond), aim: nil),
                row("in memory, verified beforehand", memory.map(\.perSecondVerified), aim: 300_000),
            ])
    }

    /// CometBFT's way against the node's own, in pairs of one round.
    private func orderings(_ what: String, _ solo: [Double], _ abci: [Double]) -> BenchPart {
        let ratio = Quantiles(zip(abci, solo).map { $0 / $1 }).median
        return BenchPart(
            name: "abci", title: "Behind ABCI and alone, \(what)",
            columns: ["what", "transfers/s", "of it alone", "aim"],
            rows: [
                [
                    .text("ordered by the node itself"), .whole(Quantiles(solo).median), .figure(1, decimals: 2),
                    .text("–"),
                ],
                [
                    .text("checked, proposed, processed, executed over ABCI"), .whole(Quantiles(abci).median),
                    .figure(ratio, decimals: 2), .figure(0.9, decimals: 2),
                ],
            ])
    }

    private func steps(
        _ what: String, _ disk: [TransferBenchmark.Timings], _ memory: [TransferBenchmark.Timings]
    ) -> BenchPart {
        func row(_ name: String, _ step: KeyPath<TransferBenchmark.Timings, Duration>) -> [BenchPart.Cell] {
            func microseconds(_ runs: [TransferBenchmark.Timings]) -> BenchPart.Cell {
                let each = runs.map { $0[keyPath: step] / .microseconds(1) / Double($0.transactions) }
                return .figure(Quantiles(each).median, decimals: 2)
            }
            return [.text(name), microseconds(disk), microseconds(memory)]
        }
        return BenchPart(
            name: "ledger_steps", title: "Where the time of a transfer goes, on one core",
            columns: ["step", "on disk µs", "in memory µs"],
            rows: [
                row("decode, verify, admit", \.check), row("admit again, verified", \.recheck),
                row("execute, app hash", \.finalize), row("make durable", \.commit),
            ])
    }
}
