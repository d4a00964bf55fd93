import Cryptography
import EngineAPI
import Foundation
import Gateway
import LedgerClient
import Messages
import Primitives
import ProtocolRules
import Verification
import WireFormat

/// The whole loop, once, for a person to watch: ask, answer, receipt, check, claim, pay, refund.
struct Demo {
    private static let question = "What is the capital of France? Answer in one sentence."
    private static let maxTokens: UInt64 = 48
    /// Longer than the longest round of a devnet takes to settle.
    private static let settlementTimeout = Duration.seconds(180)

    let devnet: Devnet
    let gateway: GatewayService

    func run(keepsServing: Bool) async throws {
        let answer = try await ask()
        try await check(answer, "the answer, by the model and the ledger")
        let sessions = try await gateway.closeSessions()
        let settled = try await waitUntilClosed(sessions)
        try await complete(answer)
        try await PaymentTable(ledger: devnet.ledger).show(settled)
        if keepsServing { try await gateway.openSessions() }
    }

    private func ask() async throws -> ReceiptFile {
        StandardError.write("\nA developer asks over the OpenAI API, and one of the hosts answers:\n\n")
        StandardOutput.write("> \(Self.question)\n")
        let steps = Steps()
        let client = ChatClient(baseURL: devnet.baseURL, key: try devnet.apiKey())
        let file = try await client.ask(
            ChatClient.Question(text: Self.question, model: DemoModel.id, maxTokens: Self.maxTokens, temperature: 0)
        ) { StandardOutput.write($0) }
        StandardOutput.write("\n\n")
        let receipt = file.receipt.statement
        StandardError.write(
            "  host \(receipt.executor.bech32) signed a receipt: \(receipt.item.promptTokens) tokens in, "
                + "\(receipt.item.outputTokens) out, \(receipt.item.fee.inGNK)\n")
        steps.done("answered")
        try PrivateFileOutput(devnet.layout.receipt).write(file.json.encoded())
        return file
    }

    private func check(_ file: ReceiptFile, _ what: String) async throws {
        let steps = Steps()
        let reports = await ReceiptVerifier(engine: devnet.engine, ledger: devnet.ledger).verify(file)
        let failed = reports.filter { $0.outcome == .failed }
        guard failed.isEmpty else {
            for report in failed { StandardError.write("  \(report.check.rawValue) failed: \(report.detail)\n") }
            throw Exit.checkFailed
        }
        for report in reports where report.check == .margin || report.check == .fingerprint {
            StandardError.write("  \(report.check.rawValue): \(report.detail)\n")
        }
        let passed = reports.filter { $0.outcome == .passed }.count
        let rest = passed < reports.count ? "; the others wait for the round's end" : ""
        steps.done("checked \(what): \(passed) of \(reports.count) checks passed\(rest)")
    }

    /// Watches the rounds until the deposit is back.
    private func waitUntilClosed(_ ids: [UInt64]) async throws -> [SessionRecord] {
        StandardError.write("\nThe developer closes the session. Hosts claim, the ledger settles:\n\n")
        let steps = Steps()
        let deadline = ContinuousClock.now + Self.settlementTimeout
        var shown = ""
        while ContinuousClock.now < deadline {
            var sessions: [SessionRecord] = []
            for id in ids { if let session = try await devnet.ledger.session(id) { sessions.append(session) } }
            if sessions.allSatisfy({ $0.state == .closed }) {
                steps.done("settled and refunded")
                return sessions
            }
            let progress = try await progress(of: sessions)
            if progress != shown { StandardError.write("  \(progress)\n") }
            shown = progress
            try await Task.sleep(for: .seconds(1))
        }
        throw OperatorError("the sessions \(ids) did not close in time; `gonka query session` tells more.")
    }

    private func progress(of sessions: [SessionRecord]) async throws -> String {
        let height = try await devnet.ledger.status().height
        guard let last = sessions.map(\.closesAfterRound).max(), last > 0 else { return "closing" }
        guard let round = try await devnet.ledger.round(last) else { return "round \(last) has not begun" }
        let phase = round.timetable.phase(at: height).map { "\($0)" } ?? "waiting"
        let blocks = round.timetable.settleHeight > height ? round.timetable.settleHeight - height : 0
        let tens = (blocks + 9) / 10 * 10
        return "round \(last): \(phase), settles in at most \(tens) blocks of 1 s"
    }

    /// By now the item is opened: the receipt can be checked to the end.
    private func complete(_ answer: ReceiptFile) async throws {
        var file = answer
        await OpenedItems.complete(&file)
        try PrivateFileOutput(devnet.layout.receipt).write(file.json.encoded())
        try await check(file, "the opened receipt again")
    }
}
