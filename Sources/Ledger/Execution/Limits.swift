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
    /// Sessions that one block opens, tops up, draws, lets expire and closes, each. More openings and top-ups are refused until
    /// the next block, so that every group is drawn in the block after; what expires or closes beyond it waits, and is caught up with, since no
    /// more are opened. With 64 hosts to a group a block's draws write 65,536 records.
    static let sessionsPerBlockMax = 1_024
    /// Hosts of one model that a group is drawn from.
    static let hostsPerModelMax = 1_000_000
    /// Moves of allotment that are ordered in one block, and that arrive in one. More orders are refused until the next block,
    /// more arrivals wait, and are caught up with.
    static let allotmentMovesPerBlockMax = 8_192
    /// Payments that settlement makes in one block; a claim counts as one more. Above what one claim can need at most, and
    /// above what the claims of a full commit window come to in each block of a round.
    static let settlementPaymentsPerBlockMax = 8_192
    /// Hosts that leave in one block; the rest wait for the next.
    static let retirementsPerBlockMax = 256
    /// Hosts in the list of those that may serve a session.
    static let allowedHostsMax = 64
    /// Moves of allotment in one message.
    static let allotmentMovesMax = 64
    /// Models in one claim.
    static let claimEntriesMax = 64
    /// Samples whose audits settlement looks at in one block; a claim with more is settled alone. About 50 hashes and 20 records a
    /// sample.
    static let settlementSamplesPerBlockMax = 2_048
    /// Audits of one claim that are kept at most: fourteen for each sample of 64 models.
    static let auditRecordsOfClaimMax = 64 * 464 * 14
    /// Samples in one message of an auditor: more than the largest entry has.
    static let auditedSamplesMax = 1_024
    /// Models that the network serves at once: a round freezes a record for each.
    static let modelsMax = 1_024
    /// Records of validators that are looked at for the strongest.
    static let validatorsMax = 1_024
    /// Withdrawals of collateral that one block pays out; the rest wait for the next.
    static let withdrawalsPerBlockMax = 1_000
    /// Reports of misses and equivocations that one block takes: each checks up to four signatures.
    static let reportsPerBlockMax = 256
    /// Verified transactions remembered between the mempool and the block, and their bytes: more than a mempool holds.
    static let verifiedTransactionsMax = 20_000
    static let verifiedTransactionBytesMax = 32 << 20
    /// Records, and bytes of records, in one answer to a range query.
    static let rangeRecordsMax = 1_000
    static let rangeBytesMax = 4 << 20
}
