import OrderingAPI
import Primitives

/// Executes a block file from its genesis on an empty application, and stops at the first thing that differs from what the
/// file says. The file alone is enough; it is read block by block and not changed.
///
///     var replay = try Replay(path: path, application: application)
///     while let tip = try replay.next() { print(tip.height, tip.appHash) }
///
/// Every block records the app hash before it, so the app hash after the last block is the one that nothing confirms.
public struct Replay {
    private var reader: BlockFileReader
    private var execution: BlockExecution

    /// What the chain was started with.
    public var genesis: InitChainRequest { reader.genesis }
    /// The last block executed; height 0 before the first.
    public var tip: ChainTip { execution.tip }
    /// Bytes that the file has after the last block read: not 0 at the end where the last record was cut short.
    public var unreadBytes: UInt64 { reader.unreadBytes }

    /// Opens the file and starts the application with its genesis.
    ///
    /// - Throws: `.applicationNotEmpty`, `.application` where the genesis is refused, `.blockLog` for the file.
    public init(path: String, application: any ReplicatedApplication) throws(OrderingError) {
        do throws(BlockLogError) { reader = try BlockFileReader(path: path) } catch { throw .blockLog(error) }
        let height = application.info().lastBlockHeight
        if height > 0 { throw .applicationNotEmpty(height: height) }
        execution = try BlockExecution(application, from: reader.genesis)
    }

    /// Executes the next block; nil at the end.
    ///
    /// - Throws: `.appHashDiffers` with the height before, for the app hash of height h is recorded in block h + 1;
    ///   `.blockHashDiffers`, `.application`, `.blockLog`.
    public mutating func next() throws(OrderingError) -> ChainTip? {
        let block: BlockRecord?
        do throws(BlockLogError) { block = try reader.next() } catch { throw .blockLog(error) }
        guard let block else { return nil }
        _ = try execution.replay(block)
        return tip
    }
}
