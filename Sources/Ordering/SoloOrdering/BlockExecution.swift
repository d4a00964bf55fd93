import OrderingAPI
import ParallelVerification
import Primitives

/// Executes blocks on an application one after the other, and knows what must hold between two of them. A running node, a
/// restart and a replay all go through here.
struct BlockExecution {
    private let application: any ReplicatedApplication
    private let chainID: String
    /// The last block executed.
    private(set) var tip: ChainTip

    /// Starts an application that has committed no block.
    init(_ application: any ReplicatedApplication, from genesis: InitChainRequest) throws(OrderingError) {
        do throws(ApplicationFailure) {
            let response = try application.initChain(genesis)
            tip = ChainTip(
                height: 0, hash: .zero, appHash: response.appHash, timeMilliseconds: genesis.genesisTimeMilliseconds)
        } catch { throw .application(height: 0, error) }
        self.application = application
        chainID = genesis.chainID
    }

    /// Goes on with an application whose last committed block is `block`.
    init(_ application: any ReplicatedApplication, after block: BlockRecord, appHash: Hash32, chainID: String) {
        self.application = application
        self.chainID = chainID
        tip = ChainTip(
            height: block.height, hash: block.hash, appHash: appHash, timeMilliseconds: block.timeMilliseconds)
    }

    /// The block that comes next. Its time never runs backwards, whatever the clock does.
    func nextBlock(transactions: [Bytes], timeMilliseconds: UInt64) -> BlockRecord {
        BlockRecord(
            after: tip, chainID: chainID, timeMilliseconds: max(timeMilliseconds, tip.timeMilliseconds),
            transactions: transactions)
    }

    /// Executes a block that somebody else made, once it is shown to follow the tip.
    mutating func replay(_ block: BlockRecord) throws(OrderingError) -> BlockResult {
        try checkFollows(block)
        return try executeChecked(block)
    }

    /// Executes a block that `checkFollows` let pass.
    mutating func executeChecked(_ block: BlockRecord) throws(OrderingError) -> BlockResult {
        application.verifyBeforehand(block.transactions)
        return try execute(block)
    }

    /// Same app hash before it, same parent, and the hash that its content has.
    func checkFollows(_ block: BlockRecord) throws(OrderingError) {
        if block.height != tip.height + 1 {
            throw .blockLog(.unexpectedHeight(found: block.height, expected: tip.height + 1))
        }
        if block.timeMilliseconds < tip.timeMilliseconds {
            throw .timeRunsBackwards(height: block.height)
        }
        if block.appHashBefore != tip.appHash {
            throw .appHashDiffers(height: tip.height, recorded: block.appHashBefore, computed: tip.appHash)
        }
        if block.parentHash != tip.hash {
            throw .blockLog(.wrongParent(height: block.height, found: block.parentHash, expected: tip.hash))
        }
        let computed = BlockHash.compute(block, chainID: chainID)
        if block.hash != computed {
            throw .blockHashDiffers(height: block.height, recorded: block.hash, computed: computed)
        }
    }

    /// Finalises and commits a block that `nextBlock` made.
    mutating func execute(_ block: BlockRecord) throws(OrderingError) -> BlockResult {
        let result: BlockResult
        do throws(ApplicationFailure) {
            result = try application.finalizeBlock(block.orderedBlock)
            let (given, answered) = (block.transactions.count, result.transactionResults.count)
            if given != answered { throw ApplicationFailure("it gave \(answered) results for \(given) transactions.") }
            try application.commit()
        } catch { throw .application(height: block.height, error) }
        tip = ChainTip(
            height: block.height, hash: block.hash, appHash: result.appHash, timeMilliseconds: block.timeMilliseconds)
        return result
    }
}
