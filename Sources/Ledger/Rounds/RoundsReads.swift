import Messages
import Primitives
import ProtocolRules
import StateStore

enum RoundsReads {
    static func round(_ id: UInt64, in context: ExecutionContext) throws(LedgerError) -> RoundRecord {
        guard let round = try context.read(RoundRecord.self, at: StateKey.round(id)) else {
            throw RoundsRejection.unknownRound(id).error
        }
        return round
    }

    /// Whether the serving round with this serial has settled.
    static func isServingSettled(_ serial: UInt64, in context: ExecutionContext) throws(LedgerError) -> Bool {
        let id = try context.counter(at: StateKey.round(kind: .serving, serial: serial))
        return try context.read(RoundRecord.self, at: StateKey.round(id))?.isSettled ?? false
    }

    /// The rounds that settle from this block on or an earlier one and are not settled, by settlement height, then id.
    static func dueRounds(in context: ExecutionContext) throws(LedgerError) -> [RoundRecord] {
        var due: [RoundRecord] = []
        for entry in context.state.scan(prefix: StateTable.unsettledRounds.prefix, limit: Limits.scanPage) {
            guard let id = UInt64(bigEndianBytes: entry.key.suffix(8)) else {
                throw .broken("the key \(Hex.encode(entry.key)) is damaged")
            }
            let round = try context.expect(RoundRecord.self, at: StateKey.round(id))
            guard context.block.height >= round.timetable.settleHeight else { break }
            due.append(round)
        }
        return due
    }
}
