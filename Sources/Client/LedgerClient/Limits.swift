import NIOCore

/// The bounds of what is asked and read.
enum Limits {
    /// Longer than the node waits for a block.
    static let callTimeout = TimeAmount.seconds(40)
    /// A thousand records of the largest kind, in base64.
    static let answerBytesMax = 64 << 20
    /// Records of one list; a list that is longer says that it is cut.
    static let listRecordsMax = 100_000
    /// How often a transaction is signed anew after another one of the same account came first.
    static let sequenceRetriesMax = 5
    /// Transactions of one account that wait for their turn in a process.
    static let sendsWaitingMax = 1_024
    /// How many blocks a proven state may be behind the chain of a node that is trusted.
    static let provenAgeBlocksMax: UInt64 = 20
    /// How often and how long to look for the next block.
    static let nextBlockLook = Duration.milliseconds(100)
    static let nextBlockLooksMax = 300
    /// Shown by wallets; the ledger prices bytes, not gas.
    static let gasLimit: UInt64 = 200_000
}
