extension ABCI_BlockParams {
    /// What CometBFT's genesis may allow a block to be, in bytes: room for duties and others, and less than a message may have with what
    /// stands around it.
    private static let bytes: ClosedRange<Int64> = 1 << 20...48 << 20

    /// Checks the genesis: nodes of a chain that allows larger blocks could all be stopped by one proposal, and one that counts gas lets
    /// a sender name any.
    func check() throws(ABCIFault) {
        guard Self.bytes.contains(maxBytes) else {
            throw ABCIFault(
                "consensus_params.block.max_bytes is \(maxBytes); it has to be between \(Self.bytes.lowerBound) and "
                    + "\(Self.bytes.upperBound)")
        }
        guard maxGas == -1 else {
            throw ABCIFault("consensus_params.block.max_gas is \(maxGas); it has to be -1")
        }
    }
}
