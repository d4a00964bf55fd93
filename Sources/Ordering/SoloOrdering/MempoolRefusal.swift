import OrderingAPI

/// Why the mempool does not take a transaction, or no longer keeps it. The raw value is the code in codespace `mempool` and
/// is never renumbered.
public enum MempoolRefusal: UInt32, Error, Equatable, Sendable, CaseIterable {
    case tooLarge = 1
    case alreadyWaiting = 2
    case alreadyCommitted = 3
    case tooManyWaiting = 4
    case tooManyBytesWaiting = 5
    case tooManyOfSender = 6
    case sequenceTaken = 7
    case expired = 8
    case tooManyBytesOfSender = 9
    case follower = 10

    public static let codespace = "mempool"

    /// One sentence for the sender, with what to do.
    public var explanation: String {
        switch self {
        case .tooLarge: "The transaction is larger than the mempool takes."
        case .alreadyWaiting: "The transaction waits for a block already; wait for it."
        case .alreadyCommitted: "The transaction is in a block already; look it up by its hash."
        case .tooManyWaiting: "The mempool is full; send the transaction again in some seconds."
        case .tooManyBytesWaiting:
            "The mempool is full of large transactions; send the transaction again in some seconds."
        case .tooManyOfSender: "Too many transactions of this sender wait; send it again after the next block."
        case .sequenceTaken: "Another transaction of this sender waits with the same sequence."
        case .tooManyBytesOfSender:
            "The transactions of this sender that wait are too long together; send it again after the next block."
        case .follower: "This node follows another one and makes no blocks; send the transaction to that one."
        case .expired: "The transaction waited too many blocks and was dropped; send it again."
        }
    }

    /// The refusal as a broadcast's answer.
    public var result: TransactionResult {
        TransactionResult(code: rawValue, codespace: MempoolRefusal.codespace, log: explanation)
    }
}
