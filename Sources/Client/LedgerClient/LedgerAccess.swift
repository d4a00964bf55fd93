import Messages
import Primitives
import ProtocolRules
import StateStore

/// The ledger as hosts, gateways and people reach it: reads of committed state and transactions. Over a node's RPC it is
/// `RPCLedger`; tests put a ledger in the same process behind it.
///
/// Nothing here links the state machine: what is read are records and keys of `Messages`, and a proof says whether they are
/// the ledger's.
public protocol LedgerAccess: Sendable {
    /// Where the ledger stands.
    func status() async throws(LedgerAccessError) -> LedgerStatus

    /// What `key` holds in the newest committed state, with a proof where one is wanted.
    func read(_ key: Bytes, proving: Bool) async throws(LedgerAccessError) -> StoreAnswer

    /// The records that `query` asks for in the newest committed state, ascending, as many as one answer holds.
    func range(_ query: StateRangeQuery) async throws(LedgerAccessError) -> StateRange

    /// The app hash after the block at `height`, as the block that follows records it.
    func appHash(after height: UInt64) async throws(LedgerAccessError) -> Hash32

    /// Sends a transaction and waits for its block. Sending the same bytes again is harmless.
    ///
    /// - Throws: `.outcomeUnknown` where it may have arrived and the answer did not.
    func submit(_ transaction: Bytes) async throws(LedgerAccessError) -> SubmissionResult
}

/// Where a ledger stands.
public struct LedgerStatus: Equatable, Sendable {
    public let chainID: String
    public let height: UInt64
    public let appHash: Hash32

    public init(chainID: String, height: UInt64, appHash: Hash32) {
        self.chainID = chainID
        self.height = height
        self.appHash = appHash
    }
}

/// One key of the committed state.
public struct StoreAnswer: Equatable, Sendable {
    /// Empty where the key holds nothing.
    public let value: Bytes
    /// The encoded `StateProof`; empty where none was asked for.
    public let proof: Bytes
    /// The state is that after this block.
    public let height: UInt64

    public init(value: Bytes, proof: Bytes, height: UInt64) {
        self.value = value
        self.proof = proof
        self.height = height
    }
}

/// What became of a transaction.
public struct SubmissionResult: Equatable, Sendable {
    public let hash: Hash32
    /// The block it is in; 0 where it is in none.
    public let height: UInt64
    /// 0, or why it was refused (in no block) or failed (in a block).
    public let code: UInt32
    public let codespace: String
    public let log: String
    /// What it announced, by type and key.
    public let events: [SubmissionEvent]

    public var isAccepted: Bool { code == 0 && height > 0 }

    public init(
        hash: Hash32, height: UInt64, code: UInt32, codespace: String, log: String, events: [SubmissionEvent]
    ) {
        self.hash = hash
        self.height = height
        self.code = code
        self.codespace = codespace
        self.log = log
        self.events = events
    }

    /// The first value that an event of `type` gives to `key`.
    public func value(of key: String, in type: String) -> String? {
        for event in events where event.type == type {
            if let pair = event.attributes.first(where: { $0.key == key }) { return pair.value }
        }
        return nil
    }
}

/// Something that a transaction announced.
public struct SubmissionEvent: Equatable, Sendable {
    public let type: String
    public let attributes: [Attribute]

    public struct Attribute: Equatable, Sendable {
        public let key: String
        public let value: String

        public init(key: String, value: String) {
            self.key = key
            self.value = value
        }
    }

    public init(type: String, attributes: [Attribute]) {
        self.type = type
        self.attributes = attributes
    }
}

/// Why the ledger could not be asked, or its answer not be used.
public enum LedgerAccessError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Nobody answers there.
    case unreachable(String)
    /// The node answered with an error of its own.
    case refused(String)
    /// The node's answer is not what was asked for.
    case malformed(String)
    /// A proof does not hold against the app hash.
    case unproven(String)
    /// The transaction of this hash was sent and nobody said what became of it: it may be in a block, or come into one yet.
    case outcomeUnknown(Hash32)

    public var description: String {
        switch self {
        case .unreachable(let reason): "the ledger cannot be reached: \(reason)"
        case .refused(let reason): "the node refuses: \(reason)"
        case .malformed(let reason): "the node's answer cannot be used: \(reason)"
        case .unproven(let reason): "the answer is not proven: \(reason)"
        case .outcomeUnknown(let hash):
            "transaction \(Hex.encode(hash.bytes).uppercased()) was sent and may be in a block or still come into one; "
                + "before sending again, look it up by its hash (at the node: GET /tx?hash=0x\(hash))"
        }
    }
}
