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
