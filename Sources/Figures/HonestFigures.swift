import ArgumentParser
import ProtocolRules
import TestSupport

/// Whether an honest host is ever convicted, over more epochs than a network will see: noise, absent auditors, restarts, a model whose
/// auditors are all gone, an epoch in which everybody upgrades.
struct HonestFigures: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "honest", abstract: "Convictions of honest hosts in millions of host-epochs: there must be none.")

    @Option(help: "Hosts times epochs.") var hostEpochs = 10_000_000
    @Option(help: "Epochs that a host lives.") var epochs = 1_000
    @Option(help: "Mismatches in a million honest items that a panel confirms.") var mismatches: UInt64 = 5_000
    @Option(help: "Of a hundred auditors, how many are absent.") var absent: UInt64 = 48
    @Option(help: "What everything follows from.") var seed: UInt64 = 1

    func validate() throws {
        guard hostEpochs > 0, epochs > 0, mismatches <= 1_000_000, absent <= 100 else {
            throw ValidationError("at least one epoch, shares of a million and of a hundred.")
        }
    }

    func run() async throws {
        Heading.show(
            "\(hostEpochs) host-epochs, \(mismatches) mismatches in 10⁶ items, \(absent) % of auditors absent, one host in "
                + "twenty restarting in an epoch,\none epoch in a hundred without any auditor, one in a hundred an upgrade with "
                + "three times the mismatches, seed \(seed).")
        let hosts = max(1, hostEpochs / epochs)
        let parts = Machine.cores
        let tallies = await withTaskGroup(of: Tally.self) { group in
            for part in 0..<parts {
                let count = hosts / parts + (part < hosts % parts ? 1 : 0)
                group.addTask { simulate(count, part: UInt64(part)) }
            }
            var all: [Tally] = []
            for await tally in group { all.append(tally) }
            return all
        }
        let sum = tallies.reduce(Tally()) { $0.adding($1) }
        let rows = [
            ["host-epochs", "\(hosts * epochs)"], ["samples drawn", "\(sum.drawn)"], ["scored", "\(sum.scored)"],
            ["mismatches", "\(sum.mismatches)"], ["entries undecided", "\(sum.undecided)"],
            [
                "highest score, milli-nats",
                "\(sum.highest) of \(ProtocolParameters.network.audits.scoreConvictionMilliNats)",
            ],
            ["honest hosts convicted", "\(sum.convictions)"],
        ]
        print(table(["", ""], rows))
        if sum.convictions > 0 { throw ExitCode.failure }
    }

    private struct Tally {
        var (drawn, scored, mismatches, undecided, convictions, highest) = (0, 0, 0, 0, 0, UInt64(0))

        func adding(_ other: Tally) -> Tally {
            var sum = self
            sum.drawn += other.drawn
            sum.scored += other.scored
            sum.mismatches += other.mismatches
            sum.undecided += other.undecided
            sum.convictions += other.convictions
            sum.highest = max(sum.highest, other.highest)
            return sum
        }
    }

    /// Samples of an epoch's rounds: a sprint, two confirmations, four serving rounds.
    private static let rounds: [UInt64] = [8, 4, 4, 4, 4, 4, 4]

    private func simulate(_ hosts: Int, part: UInt64) -> Tally {
        var numbers = SplitMix64(seed: seed &* 1_000_003 &+ part)
        let parameters = ProtocolParameters.network.audits
        var tally = Tally()
        for _ in 0..<hosts {
            var score = AuditScore()
            for _ in 0..<epochs {
                let kind = numbers.next() % 100
                // A host that restarts misses one round's claim and begins the next with a cold cache: no samples, no fault.
                let missedRound = numbers.next() % 20 == 0 ? Int(numbers.next() % 7) : -1
                let rate = kind == 1 ? mismatches * 3 : mismatches
                for (round, samples) in Self.rounds.enumerated() where round != missedRound {
                    tally.drawn += Int(samples)
                    // The model's whole group of auditors is offline: nothing is scored.
                    guard kind != 0 else {
                        tally.undecided += 1
                        continue
                    }
                    judge(samples, rate, &score, &tally, &numbers, parameters)
                }
            }
        }
        return tally
    }

    private func judge(
        _ samples: UInt64, _ rate: UInt64, _ score: inout AuditScore, _ tally: inout Tally,
        _ numbers: inout SplitMix64, _ parameters: AuditParameters
    ) {
        var (counted, bad) = (UInt64(0), UInt64(0))
        for _ in 0..<samples {
            // Nobody scores a sample whose listed auditors are all absent.
            let isScored = (0..<AuditRules.listedAuditors).contains { _ in numbers.next() % 100 >= absent }
            guard isScored else { continue }
            counted += 1
            if numbers.next() % 1_000_000 < rate {
                bad += 1
                if bad <= parameters.mismatchesScoredMax { score.mismatch(parameters) }
            } else {
                score.match(parameters)
            }
            tally.highest = max(tally.highest, score.milliNats)
            if score.convicts(parameters) {
                tally.convictions += 1
                score = AuditScore()
            }
        }
        tally.scored += Int(counted)
        tally.mismatches += Int(bad)
        if !AuditTally(drawn: samples, counted: counted, bad: bad).isDecided { tally.undecided += 1 }
    }
}
