import ArgumentParser
import Foundation
import LedgerBenchmarks

/// How long the blocks around the end of an epoch take.
struct EpochFigures: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "epoch", abstract: "Block times around the end of an epoch of many hosts.")

    @Option(help: "Hosts, each with two models, a sprint, two confirmations, served tokens and collateral.")
    var hosts = 10_000
    @Option(help: "Hosts that vote.") var validators = 200
    @Option(help: "How often to run the same blocks; each block's shortest time counts.") var rounds = 3

    func validate() throws {
        guard hosts >= validators, (1...200).contains(validators), rounds > 0 else {
            throw ValidationError("1 to 200 validators, at least as many hosts, at least one round.")
        }
    }

    func run() throws {
        Heading.show(
            "The end of an epoch of \(hosts) hosts, \(validators) of which vote, on the real ledger, in memory; "
                + "blocks without transactions. Times are the processor's.")
        let all = try measure(validators: validators)
        let one = try measure(validators: 1)
        show(all, quietest: one.median)
    }

    private func measure(validators: Int) throws -> EpochBenchmark.Outcome {
        var size = EpochLoad.Size()
        size.hosts = hosts
        size.validators = validators
        size.absent = validators / 20
        size.withdrawals = hosts / 5
        // The processor's time of this process, which has one thread at work: what else a machine does lengthens the clock's.
        let benchmark = EpochBenchmark(try EpochLoad(size)) {
            .microseconds(Int64(clock()) * 1_000_000 / Int64(CLOCKS_PER_SEC))
        }
        Heading.note("a ledger with \(validators) validators is built")
        return try benchmark.run(rounds: rounds)
    }

    private func show(_ outcome: EpochBenchmark.Outcome, quietest: Duration) {
        guard let longest = outcome.longest else { return }
        let (median, most) = (outcome.median / .milliseconds(1), longest.duration / .milliseconds(1))
        print(
            table(
                ["", ""],
                [
                    ["blocks", "\(outcome.blocks.count)"], ["median, ms", median.text(2)],
                    ["with one validator, ms", (quietest / .milliseconds(1)).text(2)],
                    ["longest, ms", most.text(1)], ["longest ÷ median", (most / median).text(0)],
                ]))
        print("The blocks that take longest, counted from the first of the next epoch:\n")
        let worst = outcome.blocks.sorted { $0.duration > $1.duration }.prefix(8)
        let rows = worst.map { block in
            [place(of: block, in: outcome), (block.duration / .milliseconds(1)).text(1)]
        }
        print(table(["block", "ms"], rows))
    }

    private func place(of block: EpochBenchmark.Block, in outcome: EpochBenchmark.Outcome) -> String {
        guard block.height >= outcome.nextEpochHeight else { return "−\(outcome.nextEpochHeight - block.height)" }
        return "\(block.height - outcome.nextEpochHeight + 1)"
    }
}
