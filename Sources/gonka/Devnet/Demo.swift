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

    let devnet: Devnet
    let gateway: GatewayService

    func run(keepsServing: Bool) async throws {
        let schedule = try await devnet.ledger.parameters().epochSchedule
        let epoch = schedule.index(at: max(1, try await devnet.ledger.status().height))
        let answer = try await ask()
        try await check(answer, "the answer, by the model and the ledger")
        StandardError.write("\nThe developer closes the session. Hosts claim, auditors check, the ledger settles:\n\n")
        let sessions = try await gateway.closeSessions()
        let settled = try await SessionWatch(ledger: devnet.ledger).waitUntilClosed(sessions)
        try await complete(answer)
        try await PaymentTable(ledger: devnet.ledger).show(settled)
        let show = EpochShow(ledger: devnet.ledger, names: devnet.names)
        try await show.wait(for: epoch)
        try await show.show(epoch)
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

    /// By now the item is opened: the receipt can be checked to the end.
    private func complete(_ answer: ReceiptFile) async throws {
        var file = answer
        await OpenedItems.complete(&file)
        try PrivateFileOutput(devnet.layout.receipt).write(file.json.encoded())
        try await check(file, "the opened receipt again")
    }
}
