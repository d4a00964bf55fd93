import Calibration
import Cryptography
import Foundation
import LedgerClient
import Messages
import Primitives
import ProtocolRules
import Statements

/// Equal hosts for many epochs, while developers ask: whether equal work weighs the same, whether audits leave honest hosts alone,
/// whether every host can recompute every coin.
struct EpochsDemo {
    /// Longer than an epoch takes on a slow machine.
    private static let epochTimeout = Duration.seconds(240)
    private static let pauseBetweenQuestions = Duration.milliseconds(1_500)
    private static let maxTokens: UInt64 = 12

    let devnet: Devnet
    let epochs: UInt64
    private var ledger: RPCLedger { devnet.ledger }

    init(devnet: Devnet, epochs: UInt64) {
        self.devnet = devnet
        self.epochs = epochs
    }

    func run() async throws {
        StandardOutput.write(Machine().text)
        StandardOutput.write(
            "\(devnet.names.count) equal hosts share one engine for \(epochs) epochs; developers ask all the time.\n\n")
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await ask() }
            defer { group.cancelAll() }
            try await watch()
        }
    }

    /// Asks until it is cancelled. An answer that fails is a failure of the demo.
    private func ask() async throws {
        let client = ChatClient(baseURL: devnet.baseURL, key: try devnet.apiKey())
        var number = 0
        while !Task.isCancelled {
            number += 1
            let question = ChatClient.Question(
                text: "Write one sentence about the number \(number).", model: DemoModel.id,
                maxTokens: Self.maxTokens, temperature: 1_000_000)
            do { _ = try await client.ask(question) { _ in } } catch {
                if Task.isCancelled { return }
                throw error
            }
            do { try await Task.sleep(for: Self.pauseBetweenQuestions) } catch { return }
        }
    }

    private func watch() async throws {
        var closed: [ClosedEpoch] = []
        var samples = SampleCounts(ledger: ledger)
        for epoch in 1...epochs {
            try await wait(for: epoch)
            let facts = try await EpochFactsReader(ledger: ledger).facts(of: epoch)
            let statements = facts.hosts.map { (host: $0.host, statement: EpochStatement(of: $0, facts)) }
            for (host, statement) in statements where !statement.agrees {
                StandardError.write("\(devnet.names[host] ?? host.bech32), epoch \(epoch):\n\(statement.text)")
            }
            try await samples.follow()
            let next = ClosedEpoch(facts, agreeing: statements.count { $0.statement.agrees })
            closed.append(next)
            StandardError.write("  \(next.line)\n")
        }
        try await report(closed, samples)
    }

    private func wait(for epoch: UInt64) async throws {
        let deadline = ContinuousClock.now + Self.epochTimeout
        while try await ledger.epoch(epoch) == nil {
            guard ContinuousClock.now < deadline else {
                throw OperatorError("epoch \(epoch) is not closed in time; `gonka query status` tells more.")
            }
            try await Task.sleep(for: .milliseconds(250))
        }
    }

    private func report(_ closed: [ClosedEpoch], _ samples: SampleCounts) async throws {
        StandardOutput.write(Output.table(ClosedEpoch.columns, closed.map(\.row)))
        let weights = HostWeights(closed)
        StandardOutput.write(
            "\n"
                + Output.table(
                    ["host", "items an epoch", "mean weight", "of the mean of all %", "rewarded"],
                    weights.rows(devnet.names)) + "\n")
        let rate = BinomialRate(Int(clamping: samples.bad), of: Int(clamping: samples.counted))
        let convictions = try await convictions()
        let owed = closed.reduce(0) { $0 + $1.statements }
        let agreeing = closed.reduce(0) { $0 + $1.agreeing }
        let minted = EmissionRecurrence(before: epochs + 1).minted
        let paidOut = closed.reduce(Amount.zero) { (try? $0.adding($1.emission)) ?? $0 }
        let lines = [
            "samples of \(samples.rounds) settled rounds: \(rate.count) of \(rate.total) bad; "
                + "at most \(percent(rate.bounds.high)) % with 95 % confidence; \(samples.notScored) drawn and not scored",
            "convictions: \(convictions)",
            "fewest items of a host in an epoch: \(weights.itemsMin) (aim: 20)",
            "a host's mean weight is off the mean of all by at most \(percent(weights.meanOff)) % (aim: 10 %); "
                + "in a single epoch by at most \(percent(weights.epochOff)) %",
            "statements that agree with the ledger: \(agreeing) of \(owed)",
            "minted in \(epochs) epochs: \(paidOut.inGNK), by the recurrence: \(minted.inGNK)",
        ]
        StandardOutput.write(lines.joined(separator: "\n") + "\n")
        guard weights.itemsMax > 0 else {
            throw OperatorError("nothing was proven; this needs a machine that does little else meanwhile.")
        }
        guard agreeing == owed, paidOut == minted, convictions == 0 else { throw Exit.checkFailed }
    }

    private func convictions() async throws -> UInt64 {
        var sum = UInt64(0)
        for host in devnet.names.keys.sorted() {
            for stage in AuditStage.allCases {
                sum += try await ledger.score(of: host, as: stage, model: DemoModel.id)?.convictions ?? 0
            }
        }
        return sum
    }

    private func percent(_ share: Double) -> String { String(format: "%.2f", share * 100) }
}
