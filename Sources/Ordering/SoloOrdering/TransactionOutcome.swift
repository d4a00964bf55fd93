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

    package init(hash: Hash32, height: UInt64, index: Int, result: TransactionResult) {
        self.hash = hash
        self.height = height
        self.index = index
        self.result = result
    }

    /// About how many bytes of memory it takes: its texts, and for each text and list what is around it.
    package var memoryBytes: Int {
        let texts = result.events.flatMap { event in
            [event.type] + event.attributes.flatMap { [$0.key, $0.value] }
        }
        let contents = texts.reduce(result.log.utf8.count + result.codespace.utf8.count + result.sender.count) {
            $0 + $1.utf8.count
        }
        return contents + CommittedTransaction.overheadBytes * (4 + result.events.count + texts.count)
    }

    /// The header of a heap object, or a text's own words.
    private static var overheadBytes: Int { 32 }
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
    /// Whether it follows another node and has not come to that one's end.
    public let isCatchingUp: Bool
}
