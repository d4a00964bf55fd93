import Primitives

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
    /// Of an accepted check: the lane of the mempool that the transaction waits in.
    public let lane: TransactionLane

    public var isAccepted: Bool { code == 0 }

    public init(
        code: UInt32 = 0, codespace: String = "", log: String = "", gasWanted: UInt64 = 0, gasUsed: UInt64 = 0,
        events: [Event] = [], sender: Bytes = [], sequence: UInt64 = 0, lane: TransactionLane = .ordinary
    ) {
        self.code = code
        self.codespace = codespace
        self.log = log
        self.gasWanted = gasWanted
        self.gasUsed = gasUsed
        self.events = events
        self.sender = sender
        self.sequence = sequence
        self.lane = lane
    }
}

/// Which transactions make room for each other: ABCI's `lane_id` of a check, with two lanes.
public enum TransactionLane: Equatable, Sendable {
    /// It pays for its place.
    case ordinary
    /// The application asks for it and takes no fee: part of every mempool and block is kept for these, so that nobody can
    /// buy them out. The application sees to it that a sender has few.
    case duty
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
