import Primitives

/// The tables of the ledger's state. A key is two bytes, module and table, then the fields that the table is ordered by:
/// fixed-length fields as they are, counters as BE64, texts behind one byte of length. So no key can be read as another's.
///
/// Numbers are never given to another table. No record encodes to nothing, so an empty value always means absence.
public enum StateTable: UInt16, CaseIterable, Sendable {
    // Bank
    case accounts = 0x0101
    case supply = 0x0102
    // Epochs
    case chain = 0x0201
    case parameters = 0x0202
    // Models
    case models = 0x0301
    // Hosts
    case hosts = 0x0401
    case weights = 0x0402
    case consensusKeys = 0x0403
    case retirements = 0x0404
    // Sessions
    case sessions = 0x0501
    case members = 0x0502
    case pendingGroups = 0x0503
    case expiries = 0x0504
    case closings = 0x0505
    case allotmentMoves = 0x0506
    case sessionsByPayer = 0x0507
    case sessionCounter = 0x0508
    // Rounds
    case rounds = 0x0601
    case claims = 0x0602
    case settlementQueue = 0x0603
    case unsettledRounds = 0x0604
    case roundCounter = 0x0605
    case dutyQuotas = 0x0606

    /// The two bytes that every key of the table starts with.
    public var prefix: Bytes { [UInt8(rawValue >> 8), UInt8(rawValue & 0xff)] }

    /// A key of this table.
    public func key(_ fields: Bytes...) -> Bytes {
        var key = Bytes()
        key.reserveCapacity(fields.reduce(2) { $0 + $1.count })
        key.append(UInt8(rawValue >> 8))
        key.append(UInt8(rawValue & 0xff))
        for field in fields { key.append(contentsOf: field) }
        return key
    }
}

/// The keys that people and programs outside the ledger read and prove.
///
/// Each example shows the bytes in hexadecimal, `‖` between the fields.
public enum StateKey {
    /// `0101 ‖ fc7250a2…1cef` (the 20 bytes of the address).
    public static func account(_ address: Address) -> Bytes { address.bytes(behind: accountsPrefix) }

    private static let accountsPrefix = StateTable.accounts.prefix

    /// `0102`.
    public static let supply = StateTable.supply.prefix

    /// `0201`.
    public static let chain = StateTable.chain.prefix

    /// `0202`.
    public static let parameters = StateTable.parameters.prefix

    /// `0301 ‖ 0b ‖ 736d6f6c6c6d322d313335` (length and bytes of the id). Ids are at most 128 bytes; longer ones name nothing.
    public static func model(_ id: String) -> Bytes { StateTable.models.key(counted(id)) }

    /// `0401 ‖ fc7250a2…1cef`.
    public static func host(_ address: Address) -> Bytes { StateTable.hosts.key(address.bytes) }

    /// `0402 ‖ 0b736d6f… ‖ fc7250a2…1cef`: an active host's weight for a model that it lists.
    public static func weight(model: String, host: Address) -> Bytes {
        StateTable.weights.key(counted(model), host.bytes)
    }

    /// `0402 ‖ 0b736d6f…`: where all weights of a model start.
    public static func weights(model: String) -> Bytes { StateTable.weights.key(counted(model)) }

    /// `0501 ‖ 0000000000000007`.
    public static func session(_ id: UInt64) -> Bytes { StateTable.sessions.key(.bigEndian(id)) }

    /// `0502 ‖ 0000000000000007 ‖ fc7250a2…1cef`.
    public static func member(session: UInt64, host: Address) -> Bytes {
        StateTable.members.key(.bigEndian(session), host.bytes)
    }

    /// `0502 ‖ 0000000000000007`: where all members of a session start.
    public static func members(session: UInt64) -> Bytes { StateTable.members.key(.bigEndian(session)) }

    /// `0507 ‖ fc7250a2…1cef`: where the session ids of a payer start.
    public static func sessions(payer: Address) -> Bytes { StateTable.sessionsByPayer.key(payer.bytes) }

    /// `0601 ‖ 0000000000000003`.
    public static func round(_ id: UInt64) -> Bytes { StateTable.rounds.key(.bigEndian(id)) }

    /// `0602 ‖ 0000000000000003 ‖ fc7250a2…1cef`.
    public static func claim(round: UInt64, host: Address) -> Bytes {
        StateTable.claims.key(.bigEndian(round), host.bytes)
    }

    /// `0602 ‖ 0000000000000003`: where all claims of a round start.
    public static func claims(round: UInt64) -> Bytes { StateTable.claims.key(.bigEndian(round)) }

    private static func counted(_ text: String) -> Bytes {
        let bytes = Bytes(text.utf8)
        return [UInt8(truncatingIfNeeded: bytes.count)] + bytes
    }
}
