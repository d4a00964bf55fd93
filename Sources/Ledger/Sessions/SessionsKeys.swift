import Messages
import Primitives

/// Keys that only this module reads: its timers and indexes.
enum SessionsKeys {
    /// `0508`: the id given last.
    static let counter = StateTable.sessionCounter.prefix

    /// `0503 ‖ 0000000000000007`: its group is drawn in the next block.
    static func pendingGroup(_ session: UInt64) -> Bytes { StateTable.pendingGroups.key(.bigEndian(session)) }

    /// `0504 ‖ 00000000000004b0 ‖ 0000000000000007`: closes by itself after block 1200.
    static func expiry(height: UInt64, session: UInt64) -> Bytes {
        StateTable.expiries.key(.bigEndian(height), .bigEndian(session))
    }

    /// `0505 ‖ 0000000000000009 ‖ 0000000000000007`: the rest returns when round 9 has settled.
    static func closing(round: UInt64, session: UInt64) -> Bytes {
        StateTable.closings.key(.bigEndian(round), .bigEndian(session))
    }

    /// `0506 ‖ 0000000000000009 ‖ 0000000000000007 ‖ from ‖ to`: moves when round 9 has settled.
    static func allotmentMove(round: UInt64, session: UInt64, from: Address, to: Address) -> Bytes {
        StateTable.allotmentMoves.key(.bigEndian(round), .bigEndian(session), from.bytes, to.bytes)
    }

    /// `0507 ‖ fc7250a2…1cef ‖ 0000000000000007`: a session of this payer.
    static func byPayer(_ payer: Address, session: UInt64) -> Bytes {
        StateTable.sessionsByPayer.key(payer.bytes, .bigEndian(session))
    }

    static func trailingID(of key: Bytes) throws(LedgerError) -> UInt64 { try counter(in: key.suffix(8), of: key) }

    static func leadingNumber(of key: Bytes) throws(LedgerError) -> UInt64 {
        try counter(in: key.dropFirst(2).prefix(8), of: key)
    }

    static func session(ofAllotmentMove key: Bytes) throws(LedgerError) -> UInt64 {
        try counter(in: key.dropFirst(10).prefix(8), of: key)
    }

    private static func counter(in slice: ArraySlice<UInt8>, of key: Bytes) throws(LedgerError) -> UInt64 {
        guard let value = UInt64(bigEndianBytes: slice) else { throw .broken("the key \(Hex.encode(key)) is damaged") }
        return value
    }
}
