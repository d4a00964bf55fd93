import Cryptography
import Foundation
import Gateway
import LedgerClient
import Messages
import Primitives
import ProtocolRules
import Verification

/// Six hosts, one of which serves a 4-bit copy of the model under the real one's name: what the network does about it, told as it
/// happens. Nobody tells the ledger who cheats.
struct CheatDemo {
    /// Requests that developers send; about a sixth of them to each host.
    private static let requests = 48
    private static let maxTokens: UInt64 = 12
    /// Longer than two epochs of a devnet.
    private static let timeout = Duration.seconds(240)

    let devnet: Devnet
    let gateway: GatewayService
    let names: [Address: String]
    private let cheat: Address

    /// - Throws: where the devnet's cast has no cheat.
    init(devnet: Devnet, gateway: GatewayService, names: [Address: String]) throws {
        guard let cheat = devnet.cheat else { throw OperatorError("nobody cheats in this devnet.") }
        self.devnet = devnet
        self.gateway = gateway
        self.names = names
        self.cheat = cheat
    }

    func run() async throws {
        let epoch = try await currentEpoch()
        try await waitForSprint()
        StandardError.write("\nDevelopers ask \(Self.requests) questions; the cheat answers its part of them:\n\n")
        let sessions = try await ask()
        try await watch()
        try await show(sessions)
        let show = EpochShow(ledger: devnet.ledger, names: names)
        try await show.wait(for: epoch)
        try await show.show(epoch)
        try await check(epoch, sessions)
    }

    private func currentEpoch() async throws -> UInt64 {
        let height = try await devnet.ledger.status().height
        return try await devnet.ledger.parameters().epochSchedule.index(at: max(1, height))
    }

    /// Users' requests go before synthetic work, and all hosts share two cores here: the questions wait for the sprint's end.
    private func waitForSprint() async throws {
        StandardError.write(
            "\nThe epoch begins with a sprint, in which all hosts generate what nobody could know before:\n\n")
        let steps = Steps()
        guard let sprint = try await devnet.ledger.round(.sprint, serial: 1) else { return }
        while try await devnet.ledger.status().height < sprint.timetable.window(.work).upperBound {
            try await Task.sleep(for: .milliseconds(250))
        }
        steps.done("sprint worked")
    }

    /// - Returns: the sessions that paid.
    private func ask() async throws -> Set<UInt64> {
        let steps = Steps()
        let client = ChatClient(baseURL: devnet.baseURL, key: try devnet.apiKey())
        var sessions: Set<UInt64> = []
        var answers: [Address: Int] = [:]
        for batch in stride(from: 0, to: Self.requests, by: 6) {
            let receipts = try await withThrowingTaskGroup(of: ReceiptSummary.self) { group in
                for number in batch..<min(batch + 6, Self.requests) {
                    group.addTask {
                        let file = try await client.ask(
                            ChatClient.Question(
                                text: "Write one sentence about the number \(number).", model: DemoModel.id,
                                maxTokens: Self.maxTokens, temperature: 1_000_000)
                        ) { _ in }
                        let receipt = file.receipt.statement
                        return ReceiptSummary(
                            executor: receipt.executor, session: receipt.item.serving?.session ?? 0)
                    }
                }
                var all: [ReceiptSummary] = []
                for try await receipt in group { all.append(receipt) }
                return all
            }
            for receipt in receipts {
                sessions.insert(receipt.session)
                answers[receipt.executor, default: 0] += 1
            }
        }
        for (host, count) in answers.sorted(by: { (names[$0.key] ?? "") < (names[$1.key] ?? "") }) {
            StandardError.write("  \(names[host] ?? host.bech32) answered \(count)\n")
        }
        steps.done("\(Self.requests) questions answered, receipts signed by all")
        return sessions
    }

    private struct ReceiptSummary: Sendable {
        let executor: Address
        let session: UInt64
    }

    /// Tells what the ledger finds out, until the cheat is convicted.
    private func watch() async throws {
        StandardError.write("\nHosts claim what they did, auditors re-score what the beacon chose:\n\n")
        let steps = Steps()
        let deadline = ContinuousClock.now + Self.timeout
        var told: Set<String> = []
        func tell(_ line: String) { if told.insert(line).inserted { StandardError.write("  \(line)\n") } }
        while ContinuousClock.now < deadline {
            let newest = try await devnet.ledger.newestRound()
            for id in max(1, newest - min(newest, 8))...max(1, newest) {
                guard let round = try await devnet.ledger.round(id) else { continue }
                let kind = "\(round.timetable.kind.name) round \(id)"
                let disputed = try await devnet.ledger.audits(in: id).elements.filter { $0.stage == .appeal }
                for host in Set(disputed.map(\.sample.claimant)) {
                    let samples = Set(disputed.filter { $0.sample.claimant == host }.map(\.sample)).count
                    tell("\(kind): \(samples) samples of \(names[host] ?? host.bech32) go to panels")
                }
                guard let claim = try await devnet.ledger.claim(of: cheat, in: id), !claim.outcomes.isEmpty else {
                    continue
                }
                let bad = claim.outcomes.reduce(0) { $0 + $1.tally.bad }
                let drawn = claim.outcomes.reduce(0) { $0 + $1.tally.drawn }
                let paid = claim.payments.reduce(UInt64(0)) { $0 + $1.received.ngonka }
                tell(
                    "\(kind): \(bad) of \(drawn) samples of the cheat are bad; claim \(claim.state.name), paid "
                        + Amount(paid).inGNK)
            }
            if let score = try await devnet.ledger.score(of: cheat, as: .audit, model: DemoModel.id) {
                tell(
                    "the cheat's score: \(score.mismatches) mismatches, \(score.milliNats) of 18421 milli-nats"
                        + (score.convictions > 0 ? "; convicted" : ""))
                if score.convictions > 0 {
                    steps.done("the cheat is convicted")
                    return
                }
            }
            try await Task.sleep(for: .milliseconds(500))
        }
        throw OperatorError("the cheat was not convicted in \(Steps.seconds(Self.timeout)); its score tells why.")
    }

    private func show(_ sessions: Set<UInt64>) async throws {
        guard let host = try await devnet.ledger.host(cheat) else { return }
        let weight = try await devnet.ledger.weights(of: DemoModel.id).elements.first { $0.host == cheat }?.weight ?? 0
        StandardOutput.write(
            "\nThe cheat claims nothing before epoch \(host.barredUntilEpoch), has weight \(weight), and of its bond is left "
                + "\(host.bond.inGNK).\n")
        StandardError.write("\nThe developer closes the session; what was not honestly served comes back:\n\n")
        let closing = try await gateway.closeSessions()
        let closed = try await SessionWatch(ledger: devnet.ledger).waitUntilClosed(closing)
        try await PaymentTable(ledger: devnet.ledger, names: names).show(closed)
    }

    /// The story has to be true, or the command fails.
    private func check(_ epoch: UInt64, _ sessions: Set<UInt64>) async throws {
        var received = UInt64(0)
        for session in sessions { received += try await devnet.ledger.member(cheat, of: session)?.received.ngonka ?? 0 }
        let payout = try await devnet.ledger.hostEpoch(epoch, host: cheat)?.payout?.paid ?? .zero
        StandardOutput.write(
            "\nThe cheat received \(Amount(received).inGNK) from developers and \(payout.inGNK) of the emission.\n")
        guard received == 0, payout == .zero else {
            throw OperatorError("the cheat was paid; that must not be.")
        }
    }
}
