/// The largest sizes that the ledger accepts, each with its reason. What governance may move is in `ProtocolParameters`.
public enum Limits {
    /// A transaction: a claim over 256 sessions, with room.
    public static let transactionBytesMax = 256 * 1024
    /// The chain id: what CometBFT allows.
    static let chainIDBytesMax = 50
    /// Messages in a transaction; all have the same signer and succeed or fail together.
    public static let messagesMax = 16
    /// The memo, in bytes.
    public static let memoBytesMax = 256
    /// Entries that a scan holds at once.
    static let scanPage = 256
    /// Group draws in one block; the rest wait for the next.
    static let groupDrawsPerBlockMax = 256
    /// Hosts of one model that a group is drawn from.
    static let hostsPerModelMax = 1_000_000
    /// Sessions that expire, and sessions that close, in one block; the rest wait for the next.
    static let closingsPerBlockMax = 256
    /// Moves of allotment that arrive in one block; the rest wait for the next.
    static let allotmentMovesPerBlockMax = 256
    /// Hosts that leave in one block; the rest wait for the next.
    static let retirementsPerBlockMax = 256
    /// Hosts in the list of those that may serve a session.
    static let allowedHostsMax = 64
    /// Moves of allotment in one message.
    static let allotmentMovesMax = 64
    /// Models in one claim.
    static let claimEntriesMax = 64
    /// Verified transactions remembered between the mempool and the block, and their bytes: more than a mempool holds.
    static let verifiedTransactionsMax = 20_000
    static let verifiedTransactionBytesMax = 32 << 20
    /// Records, and bytes of records, in one answer to a range query.
    static let rangeRecordsMax = 1_000
    static let rangeBytesMax = 4 << 20
}
