import Messages
import Primitives
import StateStore

enum RoundsReads {
    static func round(_ id: UInt64, in context: ExecutionContext) throws(LedgerError) -> RoundRecord {
        guard let round = try context.read(RoundRecord.self, at: StateKey.round(id)) else {
            throw RoundsRejection.unknownRound(id).error
        }
        return round
    }

    static func isSettled(_ id: UInt64, in context: ExecutionContext) throws(LedgerError) -> Bool {
        try context.read(RoundRecord.self, at: StateKey.round(id))?.isSettled ?? false
    }

    static func oldestUnsettled(in context: ExecutionContext) throws(LedgerError) -> UInt64? {
        guard let entry = context.state.scan(prefix: StateTable.unsettledRounds.prefix, limit: 1).first else {
            return nil
        }
        guard let id = UInt64(bigEndianBytes: entry.key.suffix(8)) else {
            throw .broken("the key \(Hex.encode(entry.key)) is damaged")
        }
        return id
    }
}
