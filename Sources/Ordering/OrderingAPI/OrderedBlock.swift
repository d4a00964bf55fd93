import Primitives

/// A block as the ordering decided it.
public struct OrderedBlock: Equatable, Sendable {
    /// From 1, without gaps.
    public let height: UInt64
    /// Block time in milliseconds since 1970-01-01 UTC; information only, no rule of the ledger reads it.
    public let timeMilliseconds: UInt64
    /// The hash of this block.
    public let hash: Hash32
    /// The hash of the block before; zero at height 1. Session groups are drawn with it.
    public let parentHash: Hash32
    /// In order of execution.
    public let transactions: [Bytes]
    public let consensus: ConsensusNews

    public init(
        height: UInt64, timeMilliseconds: UInt64, hash: Hash32, parentHash: Hash32, transactions: [Bytes],
        consensus: ConsensusNews = .none
    ) {
        self.height = height
        self.timeMilliseconds = timeMilliseconds
        self.hash = hash
        self.parentHash = parentHash
        self.transactions = transactions
        self.consensus = consensus
    }
}

/// What a block did.
public struct BlockResult: Equatable, Sendable {
    /// One per transaction, in the block's order.
    public let transactionResults: [TransactionResult]
    /// Events of the block itself: rounds opened, claims settled.
    public let events: [Event]
    /// The app hash after this block.
    public let appHash: Hash32
    /// The powers that changed, each key once; they never leave nobody with power.
    public let validatorUpdates: [ValidatorUpdate]

    public init(
        transactionResults: [TransactionResult], events: [Event], appHash: Hash32,
        validatorUpdates: [ValidatorUpdate] = []
    ) {
        self.transactionResults = transactionResults
        self.events = events
        self.appHash = appHash
        self.validatorUpdates = validatorUpdates
    }
}
