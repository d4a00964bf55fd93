import OrderingAPI

/// Every bound of the ordering. The defaults hold for a small machine; a test or an operator may choose others.
///
/// A full mempool fits into three blocks (`waiting…Max` is twice `block.…Max`), so whatever was admitted is in a block
/// within three, however much arrives after it: duty transactions overtake at most `block.duty…Reserved` a block.
public struct Limits: Sendable {
    /// Bytes of one transaction.
    public var transactionBytesMax = 256 << 10
    /// Transactions, and their bytes, that wait for a block.
    public var waitingMax = 10_000
    public var waitingBytesMax = 8 << 20
    /// The part of `waiting…Max` that only duty transactions may use.
    public var waitingDutyReserved = 1_250
    public var waitingDutyBytesReserved = 1 << 20
    /// Transactions of one sender that wait for a block, and their bytes: a sixteenth of all.
    public var waitingPerSenderMax = 64
    public var waitingBytesPerSenderMax = 512 << 10
    /// Blocks that a transaction may wait before it is dropped.
    public var waitingBlocksMax: UInt64 = 600
    /// What one block holds.
    public var block = BlockLimits()
    /// Hashes of committed transactions that the mempool knows again.
    public var committedHashesMax = 100_000
    /// Results of committed transactions that can be looked up, and about how much memory they take: mostly their events.
    public var resultsMax = 100_000
    public var resultBytesMax = 64 << 20
    /// Callers that wait for a transaction's block.
    public var waitersMax = 10_000
    /// How often a follower looks for the next block, and how long it waits at most where it gets no answer.
    public var followInterval = Duration.milliseconds(250)
    public var followPauseMax = Duration.seconds(30)
    /// Subscriptions to new blocks, and the blocks each may lag behind before the oldest are skipped.
    public var subscriptionsMax = 256
    public var subscriptionBlocksMax = 16

    public init() {}

    /// Bytes of one record of a block file, the genesis included. Part of the file format, so that every process can read
    /// every file.
    public static let recordBytesMax = 64 << 20
}
