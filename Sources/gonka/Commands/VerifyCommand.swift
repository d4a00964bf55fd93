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

/// Checks an answer.
struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Check a receipt: signatures, tokens, fee, claim and the model's own work.",
        discussion: """
            Every check runs and is listed; none hides another. Exit status 0 where none failed, 1 where one did. What cannot \
            be checked (no node, no model, a round that is not over) is skipped and says why.
            """)

    @OptionGroup var node: NodeOptions
    @OptionGroup var engine: EngineOptions
    @Argument(help: "The receipt file that `gonka chat` wrote.") var file: String
    @Flag(help: "Check with this model file whatever its hash is.") var anyModel = false
    @Flag(help: "Do not ask a node.") var offline = false
    @Flag(help: "For programs.") var json = false

    func run() async throws {
        try await Exit.reporting {
            guard let data = FileManager.default.contents(atPath: file) else {
                throw OperatorError("\(file) cannot be read.")
            }
            var receipt = try ReceiptFile(Bytes(data))
            let ledger = offline ? nil : try await reachableLedger()
            if !offline { await OpenedItems.complete(&receipt) }
            let model = try loadModel(try await Settings(home: node.home.folder, flags: engine.flags).text(.modelFile))
            let reports = await ReceiptVerifier(engine: model, ledger: ledger).verify(receipt, skipsModelFile: anyModel)
            await model.stop()
            show(reports)
            if reports.contains(where: { $0.outcome == .failed }) { throw Exit.checkFailed }
        }
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
