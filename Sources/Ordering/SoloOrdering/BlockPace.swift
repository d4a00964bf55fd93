/// When the next block is due.
public struct BlockPace: Equatable, Sendable {
    /// The most time between two blocks: rounds go on by height, so blocks come even where no transaction does.
    public let interval: Duration
    /// The least time between two blocks, however much waits.
    public let minimumInterval: Duration

    public init(interval: Duration, minimumInterval: Duration) {
        self.interval = interval
        self.minimumInterval = min(minimumInterval, interval)
    }

    /// A block a second.
    public static let everySecond = BlockPace(interval: .seconds(1), minimumInterval: .seconds(1))

    /// A block as soon as a transaction waits, and one a second without.
    public static let asSoonAsPossible = BlockPace(interval: .seconds(1), minimumInterval: .zero)

    /// The moment for the next block, on the clock that `lastBlock` was read from.
    package func nextBlock(after lastBlock: Duration, transactionsWait: Bool) -> Duration {
        lastBlock + (transactionsWait ? minimumInterval : interval)
    }
}
