/// What a block may hold. Part of consensus: every node of a network has the same, since a proposal beyond them is refused.
struct BlockLimits: Sendable {
    /// Transactions, and their bytes with what the block's list adds to each.
    var transactionsMax = 5_000
    var bytesMax = 4 << 20
    /// The part of a block in which duty transactions come before all that waits longer.
    var dutyReserved = 625
    var dutyBytesReserved = 512 << 10
}

extension BlockLimits {
    /// What CometBFT's genesis may allow a block to be, in bytes: room for duties and others, and less than a message may have with what
    /// stands around it.
    private static let consensusBytes: ClosedRange<Int64> = 1 << 20...48 << 20

    /// Checks the genesis: nodes of a chain that allows larger blocks could all be stopped by one proposal, and one that counts gas lets
    /// a sender name any.
    static func check(_ block: ABCI_BlockParams) throws(ABCIFault) {
        guard consensusBytes.contains(block.maxBytes) else {
            throw ABCIFault(
                "consensus_params.block.max_bytes is \(block.maxBytes); it has to be between "
                    + "\(consensusBytes.lowerBound) and \(consensusBytes.upperBound)")
        }
        guard block.maxGas == -1 else {
            throw ABCIFault("consensus_params.block.max_gas is \(block.maxGas); it has to be -1")
        }
    }
}
