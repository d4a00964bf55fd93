import Primitives

/// What an ordering (SoloOrdering, CometBFT over ABCI 2.0) asks of the application it orders blocks for.
///
/// The calls are synchronous and come from one place at a time: the ordering owns the sequence. The application never
/// waits, never reads a clock and never starts work of its own.
///
/// The rule behind the shape: `finalizeBlock` computes, `commit` makes durable. Until `commit` returns, a second
/// `finalizeBlock` for the same height starts again from the last committed state and gives the same answer.
public protocol ReplicatedApplication: AnyObject {
    /// The last block whose effects are durable; height 0 and a zero hash before genesis.
    func info() -> ApplicationInfo

    /// Builds the state before the first block and returns its app hash.
    ///
    /// - Throws: `ApplicationFailure` where the genesis is not usable; nothing is written then.
    func initChain(_ request: InitChainRequest) throws(ApplicationFailure) -> InitChainResponse

    /// Says whether a transaction may enter the mempool: bytes, signature, sequence, fee. Runs no message.
    ///
    /// - Parameter isRecheck: true where the transaction waits already and a block has been committed since.
    func checkTransaction(_ bytes: Bytes, isRecheck: Bool) -> TransactionResult

    /// Executes a block on top of the last committed state. Nothing is durable yet.
    ///
    /// - Throws: `ApplicationFailure` only where going on would mean signing something wrong (a broken invariant, a height
    ///   that is not the next one). What a user can send never throws.
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
    public let lastBlockHeight: UInt64
    /// The app hash after that block.
    public let lastBlockAppHash: Hash32

    public init(lastBlockHeight: UInt64, lastBlockAppHash: Hash32) {
        self.lastBlockHeight = lastBlockHeight
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

    public init(appHash: Hash32) { self.appHash = appHash }
}

/// A block as the ordering decided it.
public struct OrderedBlock: Equatable, Sendable {
    /// From 1, without gaps.
    public let height: UInt64
    /// Block time in milliseconds since 1970-01-01 UTC; information only, no rule of the ledger reads it.
    public let timeMilliseconds: UInt64
    /// The hash of this block.
    public let hash: Hash32
    /// The hash of the block before; zero at height 1. Session groups are drawn with it.
    public let parentHash: Hash32
    /// In order of execution.
    public let transactions: [Bytes]

    public init(height: UInt64, timeMilliseconds: UInt64, hash: Hash32, parentHash: Hash32, transactions: [Bytes]) {
        self.height = height
        self.timeMilliseconds = timeMilliseconds
        self.hash = hash
        self.parentHash = parentHash
        self.transactions = transactions
    }
}

/// What became of one transaction.
public struct TransactionResult: Equatable, Sendable {
    /// 0 where it was accepted; otherwise the stable code of a reason within `codespace`.
    public let code: UInt32
    public let codespace: String
    /// One sentence for people; not part of consensus.
    public let log: String
    public let gasWanted: UInt64
    public let gasUsed: UInt64
    public let events: [Event]
    /// The sender, where the bytes could be read that far: mempools limit by it. 20 address bytes, or empty.
    public let sender: Bytes
    /// The sender's sequence that this transaction uses.
    public let sequence: UInt64

    public var isAccepted: Bool { code == 0 }

    public init(
        code: UInt32 = 0, codespace: String = "", log: String = "", gasWanted: UInt64 = 0, gasUsed: UInt64 = 0,
        events: [Event] = [], sender: Bytes = [], sequence: UInt64 = 0
    ) {
        self.code = code
        self.codespace = codespace
        self.log = log
        self.gasWanted = gasWanted
        self.gasUsed = gasUsed
        self.events = events
        self.sender = sender
        self.sequence = sequence
    }
}

/// What a block did.
public struct BlockResult: Equatable, Sendable {
    /// One per transaction, in the block's order.
    public let transactionResults: [TransactionResult]
    /// Events of the block itself: rounds opened, claims settled.
    public let events: [Event]
    /// The app hash after this block.
    public let appHash: Hash32

    public init(transactionResults: [TransactionResult], events: [Event], appHash: Hash32) {
        self.transactionResults = transactionResults
        self.events = events
        self.appHash = appHash
    }
}

/// Something that happened, for indexes and people; never part of the state.
public struct Event: Equatable, Sendable {
    /// For example `transfer`.
    public let type: String
    public let attributes: [Attribute]

    public struct Attribute: Equatable, Sendable {
        public let key: String
        public let value: String

        public init(_ key: String, _ value: String) {
            self.key = key
            self.value = value
        }
    }

    public init(_ type: String, _ attributes: [Attribute]) {
        self.type = type
        self.attributes = attributes
    }
}

public struct QueryRequest: Equatable, Sendable {
    /// For example `/gonka.v1.Query/Session`.
    public let path: String
    public let data: Bytes
    /// True where the answer should carry a proof against the app hash.
    public let wantsProof: Bool

    public init(path: String, data: Bytes, wantsProof: Bool = false) {
        self.path = path
        self.data = data
        self.wantsProof = wantsProof
    }
}

public struct QueryResponse: Equatable, Sendable {
    /// 0, or the stable code of a reason within `codespace`.
    public let code: UInt32
    public let codespace: String
    public let log: String
    /// The state key that was read, where the query names one.
    public let key: Bytes
    public let value: Bytes
    /// The encoded proof that `key` holds `value` (or nothing) under `appHash`; empty where none was asked for.
    public let proof: Bytes
    /// The height whose state was read, and its app hash.
    public let height: UInt64
    public let appHash: Hash32

    public init(
        code: UInt32 = 0, codespace: String = "", log: String = "", key: Bytes = [], value: Bytes = [],
        proof: Bytes = [],
        height: UInt64, appHash: Hash32
    ) {
        self.code = code
        self.codespace = codespace
        self.log = log
        self.key = key
        self.value = value
        self.proof = proof
        self.height = height
        self.appHash = appHash
    }
}
