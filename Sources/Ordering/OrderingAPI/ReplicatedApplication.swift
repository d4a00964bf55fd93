import Primitives

/// What an ordering (SoloOrdering, CometBFT over ABCI 2.0) asks of the application it orders blocks for.
///
/// The calls are synchronous and come from one place at a time: the ordering owns the sequence. The application never
/// waits, never reads a clock and never starts work of its own.
///
/// The rule behind the shape: `finalizeBlock` computes, `commit` makes durable. Until `commit` returns, a second
/// `finalizeBlock` for the same height starts again from the last committed state and gives the same answer.
public protocol ReplicatedApplication: AnyObject {
    /// The last block whose effects are durable. The ordering compares all of it with its own blocks before it sends any: a
    /// height alone does not tell two histories apart.
    func info() -> ApplicationInfo

    /// Builds the state before the first block and returns its app hash.
    ///
    /// Nothing has to be durable before block 1 is committed: after a restart at height 0 the ordering asks again with
    /// the same request, and the answer is the same.
    ///
    /// - Throws: `ApplicationFailure` where the genesis is not usable; nothing is written then.
    func initChain(_ request: InitChainRequest) throws(ApplicationFailure) -> InitChainResponse

    /// Says whether a transaction may enter the mempool: bytes, signature, sequence, fee. Runs no message.
    ///
    /// So that a sender may have several waiting, the application checks against committed state plus the sequences and
    /// fees that the transactions accepted since the last `commit` will use. `commit` forgets those, and the ordering then
    /// rechecks all that still wait, in the order of the next block. A refusal of the mempool after an accepted check
    /// (full, too many of this sender) is not told to the application: it is forgotten at the next `commit` like the rest.
    ///
    /// An accepted result names its `sender` and `sequence`.
    ///
    /// - Parameter isRecheck: true where the transaction waits already and a block has been committed since: its bytes
    ///   passed once, so signatures need no second look.
    func checkTransaction(_ bytes: Bytes, isRecheck: Bool) -> TransactionResult

    /// Verifies transactions beforehand, against the state committed last; nil where there is nothing to verify.
    var verifier: (any TransactionVerifier)? { get }

    /// Takes over what its own verifier found. It holds for the next check or the next block, whichever comes first.
    func adopt(_ verified: [any VerifiedBytes])

    /// Executes a block on top of the last committed state. Nothing is durable yet.
    ///
    /// - Throws: `ApplicationFailure` only where going on would mean signing something wrong (a broken invariant, a height
    ///   that is not the next one, a parent that is not the last committed block). What a user can send never throws.
    func finalizeBlock(_ block: OrderedBlock) throws(ApplicationFailure) -> BlockResult

    /// Makes the last finalised block durable, in one atomic step.
    func commit() throws(ApplicationFailure)

    /// Reads committed state.
    func query(_ request: QueryRequest) -> QueryResponse
}

/// The application cannot go on: the node stops with this sentence rather than answer something wrong.
public struct ApplicationFailure: Error, Equatable, Sendable, CustomStringConvertible {
    public let reason: String
    public var description: String { reason }

    public init(_ reason: String) { self.reason = reason }
}

/// Where the application's durable state stands.
public struct ApplicationInfo: Equatable, Sendable {
    /// The chain whose blocks it executed; empty before genesis.
    public let chainID: String
    public let lastBlockHeight: UInt64
    /// The hash of that block; zero at height 0.
    public let lastBlockHash: Hash32
    /// The app hash after that block; zero before genesis.
    public let lastBlockAppHash: Hash32

    public static let beforeGenesis = ApplicationInfo(
        chainID: "", lastBlockHeight: 0, lastBlockHash: .zero, lastBlockAppHash: .zero)

    public init(chainID: String, lastBlockHeight: UInt64, lastBlockHash: Hash32, lastBlockAppHash: Hash32) {
        self.chainID = chainID
        self.lastBlockHeight = lastBlockHeight
        self.lastBlockHash = lastBlockHash
        self.lastBlockAppHash = lastBlockAppHash
    }
}

public struct InitChainRequest: Equatable, Sendable {
    public let chainID: String
    /// Milliseconds since 1970-01-01 UTC.
    public let genesisTimeMilliseconds: UInt64
    /// The application's part of the genesis file, byte for byte.
    public let applicationState: Bytes

    public init(chainID: String, genesisTimeMilliseconds: UInt64, applicationState: Bytes) {
        self.chainID = chainID
        self.genesisTimeMilliseconds = genesisTimeMilliseconds
        self.applicationState = applicationState
    }
}

public struct InitChainResponse: Equatable, Sendable {
    public let appHash: Hash32
    /// Everybody who has power at the first block; none where one node orders the blocks.
    public let validators: [ValidatorUpdate]

    public init(appHash: Hash32, validators: [ValidatorUpdate] = []) {
        self.appHash = appHash
        self.validators = validators
    }
}
