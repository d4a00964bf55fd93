import ArgumentParser
import Messages
import Primitives
import ProtocolRules
import TestSupport

/// How long the blocks take that settle a round of many hosts.
struct SettlementFigures: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "settlement", abstract: "Block times while a sprint of many hosts is audited and settled.")

    @Option(help: "Hosts, each with a claim.") var hosts = 10_000
    @Option(help: "Samples of each claim.") var samples: UInt64 = 32

    func validate() throws {
        guard hosts > 0, (1...64).contains(samples) else {
            throw ValidationError("at least one host, and 1 to 64 samples.")
        }
    }

    func run() throws {
        Heading.show("A sprint of \(hosts) hosts with \(samples) samples each, on the real ledger, in memory.")
        var plan = TestLedgerPlan()
        plan.hostCount = hosts
        plan.models = [SimulatedNetwork.model]
        plan.parameters.chain.epochBlocks = 3_000
        plan.parameters.rounds.sprintSamples = samples
        plan.parameters.rounds.confirmationsPerEpoch = 0
        plan.parameters.rounds.servingWorkBlocks = 5_000
        let ledger = try TestLedger(plan)
        ledger.audits = false
        ledger.duties?.works = true
        var times: [(block: UInt64, milliseconds: Double, settled: UInt64)] = []
        let clock = ContinuousClock()
        while try ledger.roundRecord(1)?.isSettled != true {
            let before = try ledger.roundRecord(1)?.settledClaims ?? 0
            try ledger.prepare()
            let elapsed = try clock.measure { try ledger.block() }
            let after = try ledger.roundRecord(1)?.settledClaims ?? 0
            times.append((ledger.height, elapsed / .milliseconds(1), after - before))
        }
        show(times)
    }

    private func show(_ times: [(block: UInt64, milliseconds: Double, settled: UInt64)]) {
        // The last block settles what is left, so it is no measure of the others.
        let settling = times.filter { $0.settled > 0 }.dropLast()
        let sorted = settling.map(\.milliseconds).sorted()
        guard let most = sorted.last else { return print("one block settled all of them: nothing to compare.") }
        let median = sorted[sorted.count / 2]
        let rows = [
            ["blocks that settled", "\(settling.count + 1)"], ["claims a block", "\(settling.first?.settled ?? 0)"],
            ["median, ms", median.text(1)], ["longest, ms", most.text(1)],
            ["longest ÷ median", (most / median).text(2)],
        ]
        print(table(["", ""], rows))
        print("It must not be more than 2.")
    }
}
