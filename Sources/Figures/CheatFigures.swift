import ArgumentParser
import ProtocolRules
import TestSupport

/// How many audited items it takes to convict somebody whose items mismatch at a given rate, and what cheating at that rate pays.
struct CheatFigures: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cheats", abstract: "Items to conviction by rate of mismatches, and what cheating pays.")

    @Option(help: "Simulated hosts for each rate.") var hosts = 4_000
    @Option(help: "The items after which a host counts as never convicted.") var itemsMax = 1_000_000
    @Option(help: "What everything follows from.") var seed: UInt64 = 1

    private static let cheats = [1.0, 0.9, 0.7, 0.5, 0.3, 0.2, 0.1, 0.07, 0.06, 0.05]
    private static let honest = [0.03, 0.02, 0.01, 0.005, 0.003, 0.001]

    func validate() throws {
        guard hosts > 0, itemsMax > 0 else { throw ValidationError("at least one host and one item.") }
    }

    func run() {
        Heading.show("\(hosts) hosts for each rate, the network's score, seed \(seed).")
        print("Items to conviction, all mismatches confirmed and entering the score:\n")
        let columns = ["mismatches %", "convicted %", "median", "mean", "95 %", "99.9 %", "most"]
        print(table(columns, (Self.cheats + Self.honest).map(row)))
        print("A cheat's income, as a share of an honest host's, and what it would have to save to come out even:\n")
        print(
            table(
                ["cheated %", "n = 4", "n = 8", "n = 32", "must save % of its cost"], Self.cheats.reversed().map(pay)))
        print(
            "Cheating on a share c saves at most the share c of the cost; where more than that has to be saved, it is a loss."
        )
    }

    /// Hosts that are not convicted within the most items are left out of all but the second column.
    private func row(_ rate: Double) -> [String] {
        var numbers = SplitMix64(seed: seed ^ UInt64(rate * 1e9))
        // Rare convictions take long to wait for: fewer hosts will do there.
        let count = rate < 0.05 ? max(1, hosts / 20) : hosts
        let runs = (0..<count).compactMap { _ in itemsToConviction(rate, &numbers) }.sorted()
        let percent = 100 * Double(runs.count) / Double(count)
        guard !runs.isEmpty else { return [(rate * 100).text(1), percent.text(1), "-", "-", "-", "-", "-"] }
        let mean = Double(runs.reduce(0, +)) / Double(runs.count)
        func quantile(_ part: Double) -> String { "\(runs[min(runs.count - 1, Int(part * Double(runs.count)))])" }
        return [
            (rate * 100).text(1), percent.text(1), quantile(0.5), mean.text(1), quantile(0.95), quantile(0.999),
            "\(runs[runs.count - 1])",
        ]
    }

    private func itemsToConviction(_ rate: Double, _ numbers: inout SplitMix64) -> Int? {
        let parameters = ProtocolParameters.network.audits
        let threshold = UInt64(rate * Double(UInt64.max >> 1)) << 1
        var score = AuditScore()
        for item in 1...itemsMax {
            if rate >= 1 || numbers.next() < threshold { score.mismatch(parameters) } else { score.match(parameters) }
            if score.convicts(parameters) { return item }
        }
        return nil
    }

    /// The mean of max(0, n − 3m) ÷ n over binomial m, exactly.
    private func pay(_ rate: Double) -> [String] {
        let incomes = [4, 8, 32].map { income(samples: $0, rate) }
        return [(rate * 100).text(1)] + incomes.map { $0.text(4) } + [((1 - (incomes.max() ?? 0)) * 100).text(1)]
    }

    private func income(samples: UInt64, _ rate: Double) -> Double {
        var (chance, sum) = (1.0, 0.0)
        for _ in 0..<samples { chance *= 1 - rate }
        // With a rate of 1 the recurrence has nothing to begin with: all are bad.
        guard rate < 1 else { return 0 }
        for bad in 0...samples {
            let tally = AuditTally(drawn: samples, counted: samples, bad: bad)
            sum += chance * Double(tally.reduced(1_000_000)) / 1_000_000
            chance *= Double(samples - bad) / Double(bad + 1) * rate / (1 - rate)
        }
        return sum
    }
}
