import Foundation
import Ledger
import Logging
import Messages
import OrderingAPI
import Primitives
import SoloOrdering
import TestSupport

@testable import ABCIServer

/// A random chain as `SoloOrdering` makes it, with its block file: transfers, duties, and what is refused.
struct SoloHistory {
    let genesis: InitChainRequest
    let blocks: [OrderedBlock]
    /// What the ledger answered to each.
    let results: [BlockResult]

    init(seed: UInt64, blocks count: Int) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "gonka-abci-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let ledger = try TestLedger()
        ledger.audits = false
        ledger.duties?.feedsBeacon = true
        let log = try BlockLog(
            path: folder.appending(path: "blocks.log").path, genesis: ledger.genesis, logger: RunningServer.silent)
        var chain = try Chain(application: ledger.app, log: log)
        var results: [BlockResult] = []
        ledger.ordering = { transactions in
            let arranged = ProposalOrder().arrange(transactions, bytesMax: .max, by: ledger.app.outline)
            let result = try chain.extend(with: arranged, timeMilliseconds: chain.tip.timeMilliseconds + 1_000)
            results.append(result)
            return result
        }
        var numbers = SplitMix64(seed: seed)
        for _ in 0..<count { try ledger.block(try Self.transactions(of: ledger, &numbers)) }
        genesis = ledger.genesis
        blocks = try (1...UInt64(count)).compactMap { try chain.block(at: $0)?.orderedBlock }
        self.results = results
    }

    private static func transactions(of ledger: TestLedger, _ numbers: inout SplitMix64) throws -> [Bytes] {
        try (0..<numbers.next() % 5).map { _ in
            let from = ledger.accounts[Int(numbers.next() % 3)]
            let to = ledger.accounts[Int(numbers.next() % 3)]
            let amount = Amount(numbers.happens(20) ? .max / 2 : numbers.next() % 1_000)
            return try ledger.sign([MsgSend(from: from.address, to: to.address, amount: amount)], by: from)
        }
    }
}
