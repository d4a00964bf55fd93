import OrderingAPI
import Primitives

/// What can be asked of a running node.
extension SoloOrdering {
    /// Where the node stands.
    public func status() throws(OrderingError) -> OrderingStatus {
        let chain = try runningChain()
        return OrderingStatus(
            chainID: chain.genesis.chainID, tip: chain.tip, waitingTransactions: mempool.count,
            waitingBytes: mempool.byteCount, isCatchingUp: isCatchingUp)
    }

    /// A block from the block file; nil for a height that there is not. Read and decoded beside the actor, so that readers
    /// of long blocks hold up no new one.
    public nonisolated func block(at height: UInt64) async throws(OrderingError) -> BlockRecord? {
        guard let place = try await place(ofBlock: height) else { return nil }
        do throws(BlockLogError) { return try place.read() } catch { throw .blockLog(error) }
    }

    private func place(ofBlock height: UInt64) throws(OrderingError) -> BlockPlace? {
        try runningChain().place(ofBlock: height)
    }

    /// Reads the application's committed state.
    public func query(_ request: QueryRequest) throws(OrderingError) -> QueryResponse {
        _ = try runningChain()
        return application.query(request)
    }

    /// The blocks committed from now on. Ends when the node stops. A reader that falls behind by more than
    /// `Limits.subscriptionBlocksMax` misses the oldest; heights tell.
    public func newBlocks() throws(OrderingError) -> AsyncStream<BlockSummary> {
        _ = try runningChain()
        if subscriptions.count >= limits.subscriptionsMax { throw .tooManySubscriptions(max: limits.subscriptionsMax) }
        let (stream, continuation) = AsyncStream.makeStream(
            of: BlockSummary.self, bufferingPolicy: .bufferingNewest(limits.subscriptionBlocksMax))
        let id = nextID()
        subscriptions[id] = continuation
        continuation.onTermination = { [weak self] _ in Task { await self?.unsubscribe(id) } }
        return stream
    }

    private func unsubscribe(_ id: UInt64) { subscriptions[id] = nil }
}
