import Foundation
import LedgerClient
import Metrics
import SoloOrdering

/// The blocks of a node, over its RPC.
struct RPCBlockSource: BlockSource {
    private let ledger: RPCLedger
    private let metrics: FollowMetrics
    private let tip = FollowedHeight()

    init(url: String, metrics factory: any MetricsFactory = NOOPMetricsHandler.instance) {
        ledger = RPCLedger(url: url)
        metrics = FollowMetrics(factory)
    }

    func block(at height: UInt64) async throws -> BlockRecord? {
        let found: LedgerBlock?
        do { found = try await ledger.block(at: height) } catch {
            metrics.errors.increment()
            throw error
        }
        // Where there is no such block, the one before is the last: whoever asks has it.
        guard let block = found else {
            metrics.show(own: height - 1, other: height - 1)
            return nil
        }
        let other = await tip.current(atLeast: height) { [ledger] in try? await ledger.status().height }
        metrics.show(own: height - 1, other: other)
        return BlockRecord(
            height: block.height, timeMilliseconds: try Self.milliseconds(block.time), parentHash: block.parentHash,
            appHashBefore: block.appHashBefore, transactions: block.transactions, hash: block.hash)
    }

    /// Exactly what a node wrote: a block's hash is computed from it.
    ///
    /// - Parameter time: RFC 3339, UTC; of a fraction of a second three digits are read.
    static func milliseconds(_ time: String) throws -> UInt64 {
        let parts = time.dropLast(time.hasSuffix("Z") ? 1 : 0).split(
            separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let fraction = parts.count > 1 ? (parts[1] + "000").prefix(3) : "000"
        guard time.hasSuffix("Z"), parts[0].utf8.count == "2026-11-27T00:00:00".utf8.count,
            fraction.allSatisfy(\.isNumber), let milliseconds = UInt64(fraction),
            let date = try? Date(String(parts[0]) + "Z", strategy: .iso8601),
            let seconds = UInt64(exactly: date.timeIntervalSince1970)
        else { throw LedgerAccessError.malformed("a block's time is \(time.prefix(64).debugDescription)") }
        return seconds * 1_000 + milliseconds
    }
}
