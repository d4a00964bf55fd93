import ArgumentParser
import Messages
import ProtocolRules
import TestSupport

/// The adversaries of the tests in networks as large as one has time for: what each earns against an honest host with the same
/// hardware in the same run, and that no honest host is harmed.
struct AdversaryFigures: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "adversaries",
        abstract: "What adversaries earn in large networks, and that no honest host is convicted.")

    @Option(help: "Hosts of each network.") var hosts = 100
    @Option(help: "Epochs that each network runs.") var epochs: UInt64 = 20
    @Option(help: "Run those alone whose name has this in it.") var only = ""
    @Option(help: "Begin no further network after so many minutes.") var minutes: UInt64 = 60

    func validate() throws {
        guard hosts >= 10, epochs > 0 else { throw ValidationError("at least ten hosts and one epoch.") }
    }

    private struct Plan: Sendable {
        let scene: AdversaryScene
        /// Of a hundred hosts, how many are adversaries.
        let percent: Int
    }

    /// What matters most comes first, in case that time runs out.
    private static let plans: [Plan] =
        [.wrongModel, .draftModel(visiblePercent: 100), .draftModel(visiblePercent: 70)].map {
            Plan(scene: $0, percent: 10)
        }
        + [.liars, .whispering, .hiding].flatMap { scene in [10, 20, 30].map { Plan(scene: scene, percent: $0) } }
        + [
            .lazy(.guesses), .lazy(.neverOpens), .lazy(.blamesClaimant), .lazy(.excusesItself),
            .belowDrift(badPercent: 5), .repeating,
            .notOpening(badPercent: 20), .evadingPanels(badPercent: 20), .concealing(badPercent: 30),
            .tampered(.prompt), .overclaiming(factor: 2), .silent, .sprintOnly,
        ].map { Plan(scene: $0, percent: 10) }

    private static let columns = [
        "adversary", "hosts", "epochs", "adversaries", "convicted", "fees %", "sprint %", "emission %", "honest",
        "of them mismatched", "convicted for work", "for word",
    ]

    func run() async throws {
        Heading.show("Networks of \(hosts) equal hosts for \(epochs) epochs, on the real ledger, in memory.")
        print("Fees, sprint and emission of an adversary, against an honest host's in the same run.\n")
        let plans = Self.plans.filter { only.isEmpty || $0.scene.name.contains(only) }
        let outcomes = try await outcomes(of: plans)
        let done = outcomes.compactMap { $0 }
        print(
            table(
                Self.columns,
                zip(plans, outcomes).compactMap { plan, outcome in
                    outcome.map { [plan.scene.name, "\(hosts)", "\(epochs)"] + $0.cells }
                }))
        if done.count < plans.count { print("\(plans.count - done.count) networks were not run, for want of time.") }
        let sum = { (count: KeyPath<Outcome, Int>) in done.reduce(0) { $0 + $1[keyPath: count] } }
        let (forWork, forWord) = (sum(\.convictedForWork), sum(\.convictedForWord))
        print("Honest hosts with a mismatch that a panel confirmed: \(sum(\.mismatched)).")
        print(
            "Honest hosts convicted, which must be none: \(forWork) for their work, \(forWord) for their word as auditors."
        )
        if forWork + forWord > 0 { throw ExitCode.failure }
    }

    /// One for each plan, as many at a time as there are cores; nil where time ran out.
    private func outcomes(of plans: [Plan]) async throws -> [Outcome?] {
        let clock = ContinuousClock()
        let end = clock.now + .seconds(60 * minutes)
        return try await withThrowingTaskGroup(of: (Int, Outcome).self) { group in
            var waiting = Array(plans.enumerated())[...]
            func begin() {
                guard clock.now < end, let (place, plan) = waiting.popFirst() else { return }
                group.addTask {
                    let count = hosts * plan.percent / 100
                    let outcome = try Outcome(of: plan.scene, hosts: hosts, adversaries: count, epochs)
                    Heading.note("\(plan.scene.name), \(plan.percent) %: done")
                    return (place, outcome)
                }
            }
            for _ in 0..<Machine.cores { begin() }
            var outcomes: [Outcome?] = plans.map { _ in nil }
            while let (place, outcome) = try await group.next() {
                outcomes[place] = outcome
                begin()
            }
            return outcomes
        }
    }
}

/// What came of one network.
private struct Outcome: Sendable {
    private let adversaries: [Earnings]
    private let honest: [Earnings]
    /// Honest hosts with a mismatch that a panel confirmed.
    let mismatched: Int
    let convictedForWork: Int
    /// As auditors whose accusations panels rejected.
    let convictedForWord: Int

    init(of scene: AdversaryScene, hosts: Int, adversaries count: Int, _ epochs: UInt64) throws {
        let network = try scene.run(hosts: hosts, adversaries: count, epochs: epochs)
        adversaries = try (0..<count).map(network.earnings)
        honest = try (count..<hosts).map(network.earnings)
        let work = try (count..<hosts).compactMap { try network.score(of: network.host($0)) }
        let word = try (count..<hosts).compactMap { try network.score(of: network.host($0), as: .appeal) }
        mismatched = work.count { $0.mismatches > 0 }
        convictedForWork = work.count { $0.convictions > 0 }
        convictedForWord = word.count { $0.convictions > 0 }
    }

    var cells: [String] {
        let convicted = adversaries.count { $0.convictions > 0 }
        return [
            "\(adversaries.count)", "\(convicted)", percent(\.received), percent(\.sprintTokens), percent(\.emission),
            "\(honest.count)", "\(mismatched)", "\(convictedForWork)", "\(convictedForWord)",
        ]
    }

    /// The mean of the adversaries, in hundredths of the honest hosts'.
    private func percent(_ earned: KeyPath<Earnings, UInt64>) -> String {
        let (own, others) = (mean(adversaries, earned), mean(honest, earned))
        return others > 0 ? (100 * own / others).text(1) : "-"
    }

    private func mean(_ all: [Earnings], _ earned: KeyPath<Earnings, UInt64>) -> Double {
        all.reduce(0) { $0 + Double($1[keyPath: earned]) } / Double(max(1, all.count))
    }
}
