/// What a block may hold. Part of consensus: every node of a network has the same, since a proposal beyond them is refused.
struct BlockLimits: Sendable {
    /// Transactions, and their bytes with what the block's list adds to each.
    var transactionsMax = 5_000
    var bytesMax = 4 << 20
    /// The part of a block in which duty transactions come before all that waits longer.
    var dutyReserved = 625
    var dutyBytesReserved = 512 << 10
}
