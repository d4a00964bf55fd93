import OrderingAPI
import Primitives

/// What a caller who waited for a transaction learns.
public enum TransactionOutcome: Equatable, Sendable {
    /// It is in a block, and durably so. Its own result may still be a refusal: see `CommittedTransaction.result`.
    case committed(CommittedTransaction)
    /// It is in no block and waits no longer: the check, the mempool or a recheck refused it.
    case refused(TransactionResult)
    /// The wait ended first. The transaction may still come into a block; the same bytes may be sent again.
    case unknown
}

/// Where a transaction is and what it did.
public struct CommittedTransaction: Equatable, Sendable {
    public let hash: Hash32
    public let height: UInt64
    /// Its place in the block, from 0.
    public let index: Int
    public let result: TransactionResult
}

/// A block that has just been committed.
public struct BlockSummary: Equatable, Sendable {
    public let tip: ChainTip
    public let transactionCount: Int
    /// Events of the block itself, not of its transactions.
    public let events: [Event]
}

/// Where a node stands.
public struct OrderingStatus: Equatable, Sendable {
    public let chainID: String
    public let tip: ChainTip
    public let waitingTransactions: Int
    public let waitingBytes: Int
}
