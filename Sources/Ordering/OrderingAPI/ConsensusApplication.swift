import Primitives

/// What an ordering by many machines asks beyond `ReplicatedApplication`: to order a proposal by what is in it, and to be read
/// while a block is executed.
public protocol ConsensusApplication: ReplicatedApplication {
    /// What a transaction says of itself, from its bytes alone: the same on every machine and at every height.
    ///
    /// - Returns: nil where the bytes are no transaction.
    func outline(of bytes: Bytes) -> TransactionOutline?

    /// What was committed last.
    var snapshot: any CommittedState { get }
}

/// Committed state that does not change any more: may be read from any thread, several at once, also after later commits.
public protocol CommittedState: Sendable {
    var info: ApplicationInfo { get }
    func query(_ request: QueryRequest) -> QueryResponse
}

/// Where a transaction wants to stand in a block. Nothing of it is verified.
public struct TransactionOutline: Equatable, Sendable {
    /// 20 address bytes.
    public let sender: Bytes
    /// `.duty` where its form is that of one: whether its sender has a duty, its execution finds.
    public let lane: TransactionLane

    public init(sender: Bytes, lane: TransactionLane) {
        self.sender = sender
        self.lane = lane
    }
}
