import Primitives
import WireFormat

/// A block as a node's RPC tells of it. Nothing of it is checked.
public struct LedgerBlock: Equatable, Sendable {
    public let height: UInt64
    /// RFC 3339, UTC.
    public let time: String
    public let hash: Hash32
    public let parentHash: Hash32
    /// The app hash after the block before.
    public let appHashBefore: Hash32
    public let transactions: [Bytes]
}

extension RPCLedger {
    /// Reads a block.
    ///
    /// - Returns: nil where it is the next block, which there is not yet.
    /// - Throws: `.refused` where the chain is shorter than that.
    public func block(at height: UInt64) async throws(LedgerAccessError) -> LedgerBlock? {
        let result: JSONValue
        do throws(LedgerAccessError) {
            result = try await call("block", ["height": .string(String(height))])
        } catch {
            // Nodes have no code of their own for it.
            guard case .refused = error else { throw error }
            let tip = try await status().height
            if tip.addingReportingOverflow(1).partialValue == height { return nil }
            if tip < height { throw .refused("the node has \(tip) blocks, and block \(height) is asked for") }
            // It was made between the two questions.
            result = try await call("block", ["height": .string(String(height))])
        }
        let header = result["block"]?["header"]
        let transactions = result["block"]?["data"]?["txs"]?.array?.map { Self.base64($0) } ?? []
        guard header?["height"]?.string == String(height), let time = header?["time"]?.string,
            let hash = Self.hash(result["block_id"]?["hash"]),
            let parentHash = Self.hash(header?["last_block_id"]?["hash"]),
            let appHash = Self.hash(header?["app_hash"]), !transactions.contains(nil)
        else { throw .malformed("a block has height, time, hashes and transactions") }
        return LedgerBlock(
            height: height, time: time, hash: hash, parentHash: parentHash, appHashBefore: appHash,
            transactions: transactions.compactMap(\.self))
    }
}
