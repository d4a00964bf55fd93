import ArgumentParser
import AsyncHTTPClient
import EngineAPI
import Foundation
import HTTPOutbound
import LedgerClient
import LlamaEngine
import Logging
import Messages
import NIOCore
import NIOHTTP1
import Primitives
import Verification
import WireFormat

/// Checks answers.
struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Check a receipt: signatures, tokens, fee, claim and the model's own work.",
        discussion: """
            Every check runs and is listed; none hides another. Exit status 0 where none failed, 1 where one did. What cannot \
            be checked (no node, no model, a round that is not over) is skipped and says why. Of several files each gets a \
            line, with --json an object a line.
            """)

    @OptionGroup var node: NodeOptions
    @OptionGroup var engine: EngineOptions
    @Argument(help: "Receipt files, such as `gonka chat` writes.") var files: [String]
    @Flag(help: "Check with this model file whatever its hash is.") var anyModel = false
    @Flag(help: "Do not ask a node.") var offline = false
    @Flag(help: "For programs.") var json = false

    func run() async throws {
        try await Exit.reporting {
            // A file that cannot be read is told before the model is loaded for the others.
            let receipts = try files.map { (path: $0, receipt: try Self.read($0)) }
            let ledger = offline ? nil : try await reachableLedger()
            let model = try loadModel(try await Settings(home: node.home.folder, flags: engine.flags).text(.modelFile))
            let verifier = ReceiptVerifier(engine: model, ledger: ledger)
            var hasFailed = false
            for (path, var receipt) in receipts {
                if !offline { await OpenedItems.complete(&receipt) }
                let reports = await verifier.verify(receipt, skipsModelFile: anyModel)
                hasFailed = hasFailed || reports.contains { $0.outcome == .failed }
                if files.count == 1 { show(reports) } else { show(reports, of: path) }
            }
            await model.stop()
            if hasFailed { throw Exit.checkFailed }
        }
    }

    private static func read(_ path: String) throws -> ReceiptFile {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw OperatorError("\(path) cannot be read.")
        }
        do { return try ReceiptFile(Bytes(data)) } catch { throw OperatorError("\(path): \(error).") }
    }

    private func reachableLedger() async throws -> RPCLedger? {
        let ledger = try await node.ledger()
        guard (try? await ledger.status()) != nil else {
            StandardError.write(
                "gonka: no node answers at \(try await node.url()); what needs the ledger is skipped.\n")
            return nil
        }
        return ledger
    }

    private func loadModel(_ path: String) throws -> LlamaCppEngine {
        StandardError.write("loading \(path) …\n")
        return try LlamaCppEngine(
            LlamaConfiguration(
                modelPath: path, model: DemoModel.id, expectedFileHash: nil, parallelSequences: 1))
    }

    private func show(_ reports: [CheckReport]) {
        guard !json else { return Output.json(.array(reports.map(\.json))) }
        StandardOutput.write(
            Output.table(
                ["check", "outcome", "detail"], reports.map { [$0.check.rawValue, $0.outcome.rawValue, $0.detail] }))
    }

    /// A line of its own for each of several files.
    private func show(_ reports: [CheckReport], of path: String) {
        guard !json else {
            return Output.json(["file": .string(path), "checks": .array(reports.map(\.json))])
        }
        func count(_ outcome: CheckReport.Outcome) -> Int { reports.count { $0.outcome == outcome } }
        let failures = reports.filter { $0.outcome == .failed }.map { "; FAILED \($0.check.rawValue): \($0.detail)" }
        StandardOutput.write(
            "\(path): \(count(.passed)) passed, \(count(.skipped)) skipped\(failures.joined())\n")
    }
}

/// Asks the executor for the opened item.
enum OpenedItems {
    private static let timeout = TimeAmount.seconds(10)

    /// Adds the opened item where it can be had by now.
    static func complete(_ receipt: inout ReceiptFile) async {
        guard receipt.item == nil, let url = receipt.itemsURL, let value = await fetch(url) else { return }
        receipt.item = try? OpenedItem(value)
    }

    private static func fetch(_ url: String) async -> JSONValue? {
        let deadline = NIODeadline.now() + timeout
        guard let response = try? await HTTPClient.shared.execute(HTTPClientRequest(url: url), deadline: deadline),
            response.status == .ok,
            let body = try? await response.body.whole(upTo: ReceiptFile.bytesMax, by: deadline)
        else { return nil }
        return try? JSONParser.parse(body)
    }
}
