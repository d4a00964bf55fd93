import Primitives

/// Where a chain stands after a block; height 0 is genesis.
public struct ChainTip: Equatable, Sendable {
    public let height: UInt64
    /// The hash of the block; zero at genesis.
    public let hash: Hash32
    /// The app hash after the block.
    public let appHash: Hash32
    /// Milliseconds since 1970-01-01 UTC.
    public let timeMilliseconds: UInt64

    package init(height: UInt64, hash: Hash32, appHash: Hash32, timeMilliseconds: UInt64) {
        self.height = height
        self.hash = hash
        self.appHash = appHash
        self.timeMilliseconds = timeMilliseconds
    }
}
