import LedgerBenchmarks
import OrderingAPI
import StateStore
import Testing

@Suite("The benchmark of an epoch's end")
struct EpochBenchmarkTests {
    @Test("A small one runs, its hosts are paid, and all sums hold before and after")
    func runs() throws {
        var size = EpochLoad.Size()
        (size.hosts, size.validators, size.absent, size.withdrawals, size.vestingEpochs) = (60, 20, 2, 12, 5)
        let load = try EpochLoad(size)
        #expect(load.votes.count == 20 && load.votes.count { !$0.isPresent } == 2)
        var ticks = 0
        let outcome = try EpochBenchmark(load) {
            ticks += 1
            return .milliseconds(ticks)
        }.run(rounds: 2)
        #expect(outcome.blocks.count == 80 && outcome.median == .milliseconds(1))
        #expect(outcome.blocks.first?.height == load.state.height + 1)
        #expect(outcome.nextEpochHeight == load.state.height + 21)
    }
}
