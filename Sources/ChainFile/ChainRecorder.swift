import Logging
import OrderingAPI
import Primitives
import SoloOrdering
import TestSupport

/// Puts the blocks of a test's ledger through the ordering of a real node, block file included.
final class ChainRecorder {
    private static let blockMilliseconds: UInt64 = 1_000

    private var chain: Chain
    /// Transactions of the block that has fewest.
    private(set) var smallestBlock = Int.max
    private(set) var transactionCount = 0
    /// Events of blocks, not of transactions, by type.
    private(set) var blockEvents: [String: Int] = [:]

    /// Creates the file at `path`. From here on `ledger` makes its blocks here.
    ///
    /// - Throws: `ChainFileError.notEmpty` where there are blocks in it; what the block log throws.
    init(_ ledger: TestLedger, path: String) throws {
        let log = try BlockLog(path: path, genesis: ledger.genesis, logger: Logger(label: "gonka.chain-file"))
        guard log.height == 0 else { throw ChainFileError.notEmpty(path: path, height: log.height) }
        chain = try Chain(application: ledger.app, log: log)
        ledger.ordering = { [unowned self] in try self.order($0) }
    }

    private func order(_ transactions: [Bytes]) throws -> BlockResult {
        let result = try chain.extend(
            with: transactions, timeMilliseconds: chain.tip.timeMilliseconds + ChainRecorder.blockMilliseconds)
        smallestBlock = min(smallestBlock, transactions.count)
        transactionCount += transactions.count
        for event in result.events { blockEvents[event.type, default: 0] += 1 }
        return result
    }
}

/// Why a file is not written, or not worth writing.
enum ChainFileError: Error, CustomStringConvertible {
    case notEmpty(path: String, height: UInt64)
    /// The chain has none of something that a replay has to show.
    case lacks(String)

    var description: String {
        switch self {
        case .notEmpty(let path, let height): "\(path) has \(height) blocks; remove it, or name another file."
        case .lacks(let what): "the chain has no \(what); take more blocks, or another seed."
        }
    }
}
