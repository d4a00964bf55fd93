import OrderingAPI
import Primitives

/// Why the ordering stopped, cannot start, or cannot take a call.
public enum OrderingError: Error, Equatable, Sendable {
    case blockLog(BlockLogError)
    /// The application cannot go on at this height (0: at genesis). Nothing of that block was acknowledged.
    case application(height: UInt64, ApplicationFailure)
    /// The application has committed blocks that the block file does not have.
    case applicationAhead(application: UInt64, blockFile: UInt64)
    /// The application's state is that of another chain.
    case otherChain(application: String, blockFile: String)
    /// The application's last block is another one than that of the block file at its height.
    case otherBlock(height: UInt64, application: Hash32, blockFile: Hash32)
    /// A replay needs an application that has not begun.
    case applicationNotEmpty(height: UInt64)
    /// Executing the blocks up to `height` gave another app hash than their writer recorded.
    case appHashDiffers(height: UInt64, recorded: Hash32, computed: Hash32)
    /// A block's content does not have the hash that is written in it.
    case blockHashDiffers(height: UInt64, recorded: Hash32, computed: Hash32)
    /// A block is older than the one before it.
    case timeRunsBackwards(height: UInt64)
    /// `start` has not returned yet.
    case notStarted
    /// The node was asked to stop.
    case stopped
    /// More callers wait for transactions than `Limits.waitersMax`.
    case tooManyWaiters(max: Int)
    /// More subscriptions than `Limits.subscriptionsMax`.
    case tooManySubscriptions(max: Int)
}

extension OrderingError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .blockLog(let error): "\(error)"
        case .application(let height, let failure): "The application stopped at height \(height): \(failure)"
        case .applicationAhead(let application, let blockFile):
            "The application stands at height \(application) and the block file ends at \(blockFile): "
                + "the file is an older copy or belongs to another node; restore the newest one."
        case .otherChain(let application, let blockFile):
            "The application's state is of chain \(application.debugDescription) and the block file of chain "
                + "\(blockFile.debugDescription): they do not belong together; restore both from one copy."
        case .otherBlock(let height, let application, let blockFile):
            "The application executed block \(application) at height \(height), and the block file has \(blockFile) there: "
                + "they do not belong together; restore both from one copy."
        case .applicationNotEmpty(let height):
            "A replay needs an application without state, and this one stands at height \(height)."
        case .appHashDiffers(let height, let recorded, let computed):
            "The app hash after block \(height) is \(computed), and the block file says \(recorded)."
        case .blockHashDiffers(let height, let recorded, let computed):
            "The hash of block \(height) is \(computed), and the block file says \(recorded)."
        case .timeRunsBackwards(let height): "Block \(height) is older than the one before it."
        case .notStarted: "The node has not started yet; try again."
        case .stopped: "The node has stopped."
        case .tooManyWaiters(let max): "\(max) callers wait for transactions already; try again."
        case .tooManySubscriptions(let max): "There are \(max) subscriptions already; try again."
        }
    }
}
