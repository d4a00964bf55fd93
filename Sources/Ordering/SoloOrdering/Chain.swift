import OrderingAPI
import Primitives

/// The application and its block log, kept in step. Synchronous: the crash tests drive this, `SoloOrdering` waits around it.
///
/// The order of every block is log, finalise, commit, acknowledge. Whatever a crash leaves behind, the log has every block
/// that the application has, and opening again executes what the application lacks.
package struct Chain {
    private var log: BlockLog
    private var execution: BlockExecution

    /// The last block that is committed.
    package var tip: ChainTip { execution.tip }
    /// What the chain was started with.
    package var genesis: InitChainRequest { log.genesis }

    /// Brings the application up to the end of the log.
    ///
    /// - Parameter onReplay: hears of every block that the application lacked.
    /// - Throws: `.applicationAhead` where the log is the one that lacks blocks; `.otherChain` and `.otherBlock` where the
    ///   application executed other blocks than those of the log; `.appHashDiffers` and `.blockHashDiffers` where executing
    ///   them does not give what was recorded.
    package init(
        application: any ReplicatedApplication, log: BlockLog,
        onReplay: (BlockRecord, BlockResult) -> Void = { _, _ in }
    ) throws(OrderingError) {
        let info = application.info()
        if info.lastBlockHeight > log.height {
            throw .applicationAhead(application: info.lastBlockHeight, blockFile: log.height)
        }
        let hasBegun = info != .beforeGenesis
        if hasBegun && !info.chainID.utf8.elementsEqual(log.genesis.chainID.utf8) {
            throw .otherChain(application: info.chainID, blockFile: log.genesis.chainID)
        }
        if let block = try Chain.block(at: info.lastBlockHeight, in: log) {
            if info.lastBlockHash != block.hash {
                throw .otherBlock(height: block.height, application: info.lastBlockHash, blockFile: block.hash)
            }
            execution = BlockExecution(
                application, after: block, appHash: info.lastBlockAppHash, chainID: log.genesis.chainID)
        } else {
            execution = try BlockExecution(application, from: log.genesis)
        }
        self.log = log
        while let block = try block(at: tip.height + 1) { onReplay(block, try execution.replay(block)) }
    }

    /// Makes the next block, durably, and executes it. After an error the chain is not used again.
    package mutating func extend(
        with transactions: [Bytes], timeMilliseconds: UInt64
    ) throws(OrderingError) -> BlockResult {
        let block = execution.nextBlock(transactions: transactions, timeMilliseconds: timeMilliseconds)
        do throws(BlockLogError) { try log.append(block) } catch { throw .blockLog(error) }
        return try execution.execute(block)
    }

    /// Takes a block that another node made, durably, and executes it. One that does not follow the tip is not written.
    package mutating func append(_ block: BlockRecord) throws(OrderingError) -> BlockResult {
        try execution.checkFollows(block)
        do throws(BlockLogError) { try log.append(block) } catch { throw .blockLog(error) }
        return try execution.executeChecked(block)
    }

    /// Reads a block from the log; nil for a height that there is not.
    package func block(at height: UInt64) throws(OrderingError) -> BlockRecord? { try Chain.block(at: height, in: log) }

    /// Where a block is in the log; nil for a height that there is not.
    func place(ofBlock height: UInt64) -> BlockPlace? { log.place(ofBlock: height) }

    private static func block(at height: UInt64, in log: BlockLog) throws(OrderingError) -> BlockRecord? {
        do throws(BlockLogError) { return try log.block(at: height) } catch { throw .blockLog(error) }
    }
}
