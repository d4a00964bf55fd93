import Primitives

/// Where the state lasts: everything is read once at the start, and each block is one atomic, durable commit.
///
/// The calls come from one place at a time. After a failed commit nobody knows what the disk holds (an fsync that failed
/// once may "succeed" when asked again), so a storage refuses everything from then on and the node stops.
public protocol StateStorage: AnyObject {
    /// The state after the last commit, or nil where nothing was committed yet.
    ///
    /// - Throws: where what is stored is not exactly what was committed.
    func load() throws(StateStorageError) -> StoredState?

    /// Makes a block's state durable: after it returns, `load` gives this state after any crash; if it throws or the process
    /// ends before it returns, `load` gives this state or the one before, never a mixture.
    func commit(_ commit: StateCommit) throws(StateStorageError)
}

/// A state and where it stands.
public struct StoredState: Sendable {
    public let chainID: String
    /// The block after which the state was so; 0 after genesis.
    public let height: UInt64
    public let tree: StateTree

    public init(chainID: String, height: UInt64, tree: StateTree) {
        self.chainID = chainID
        self.height = height
        self.tree = tree
    }

    /// The root of the tree.
    public var appHash: Hash32 { tree.root }
}

/// What one block leaves behind.
public struct StateCommit: Sendable {
    /// The state after the block.
    public let state: StoredState
    /// What leads to it from the state committed before (from nothing, at first): at most one change a key.
    public let changes: [StateChange]

    public init(state: StoredState, changes: [StateChange]) {
        self.state = state
        self.changes = changes
    }
}

/// Why the durable state cannot be used. The node stops with the sentence.
public enum StateStorageError: Error, Equatable, Sendable {
    /// Another process has it open.
    case inUse(path: String)
    /// It is not a state of this program.
    case notAState(path: String)
    /// It was written by another version of this program.
    case otherFormat(stored: Int64, supported: Int64)
    /// Its contents cannot have been written by this program.
    case damaged(reason: String)
    /// Its contents are not those that were committed.
    case otherAppHash(stored: Hash32, computed: Hash32)
    /// A commit for another height than the one after the last.
    case heightOutOfOrder(stored: UInt64, committed: UInt64)
    /// A commit for another chain.
    case otherChain(stored: String, committed: String)
    /// The disk or the file system failed.
    case inputOutput(reason: String)
    /// A commit failed earlier.
    case refusedAfterFailure(reason: String)
    /// It was closed.
    case closed
}

extension StateStorageError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .inUse(let path):
            "The state at \(path) is in use by another process; stop that one first."
        case .notAState(let path):
            "The file at \(path) is not a ledger state; name another directory or move the file away."
        case .otherFormat(let stored, let supported):
            "The state has format \(stored) and this program reads format \(supported); use the version that wrote it."
        case .damaged(let reason):
            "The state is damaged (\(reason)); remove it and replay the blocks."
        case .otherAppHash(let stored, let computed):
            "The state is damaged: its app hash should be \(stored) and is \(computed); remove it and replay the blocks."
        case .heightOutOfOrder(let stored, let committed):
            "The state is at height \(stored) and cannot be followed by height \(committed)."
        case .otherChain(let stored, let committed):
            "The state belongs to chain \(stored), not to \(committed)."
        case .inputOutput(let reason):
            "The state could not be read or written (\(reason)); see to the disk, then start again."
        case .refusedAfterFailure(let reason):
            "The state is not used after a failed commit (\(reason)); see to the disk, then start again."
        case .closed:
            "The state is closed; the node is ending."
        }
    }
}

extension StateCommit {
    /// Checks that this commit may follow the state of a chain at a height.
    public func checkFollows(chainID: String, height: UInt64) throws(StateStorageError) {
        if state.chainID != chainID { throw .otherChain(stored: chainID, committed: state.chainID) }
        let (expected, isOver) = height.addingReportingOverflow(1)
        if isOver || state.height != expected { throw .heightOutOfOrder(stored: height, committed: state.height) }
    }
}
