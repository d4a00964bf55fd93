import Foundation
import LedgerBenchmarks
import OrderingAPI
import StateDisk
import StateStore

/// Transfers through the ledger, on disk and in memory, and where the time goes.
struct LedgerBench {
    let accounts: Int
    let blocks: Int

    func run() async throws {
        var size = TransferBenchmark.Size()
        size.accounts = accounts
        size.blocks = blocks
        StandardOutput.write(
            "Ledger, \(accounts) accounts, \(blocks) blocks of \(size.transactionsPerBlock) signed transfers:\n\n")
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("gonka-bench-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let durable = try measure(size, DiskStorage(path: folder.path + "/state.sqlite"), "on disk")
        let inMemory = try measure(size, MemoryStorage(), "in memory")
        StandardOutput.write(
            Output.table(
                ["what", "transfers per second"],
                [
                    ["signatures checked, executed, durable on disk", Figure.whole(durable.perSecond)],
                    ["executed in memory, verified beforehand", Figure.whole(inMemory.perSecondVerified)],
                ]) + "\n")
        StandardOutput.write(
            Output.table(
                ["step", "on disk", "in memory"],
                zip(steps(durable), steps(inMemory)).map { disk, memory in
                    [disk.name, disk.figure, memory.figure]
                }) + "\n")
    }

    private func measure(
        _ size: TransferBenchmark.Size, _ storage: any StateStorage, _ name: String
    ) throws -> TransferBenchmark.Timings {
        let benchmark = try TransferBenchmark(size, storage: storage)
        StandardError.write("  signed the transfers for the ledger \(name)\n")
        return try benchmark.run()
    }

    /// Microseconds a transfer.
    private func steps(_ timings: TransferBenchmark.Timings) -> [(name: String, figure: String)] {
        func figure(_ duration: Duration) -> String {
            Figure.hundredths(duration / .microseconds(1) / Double(timings.transactions)) + " µs"
        }
        return [
            ("decode, verify, admit", figure(timings.check)),
            ("admit again, verified", figure(timings.recheck)),
            ("execute, app hash", figure(timings.finalize)),
            ("make durable", figure(timings.commit)),
        ]
    }
}
