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

    /// The round of this kind that opened last, or nil before the first.
    static func newest(_ kind: RoundKind, in context: ExecutionContext) throws(LedgerError) -> RoundRecord? {
        let serial = try context.counter(at: RoundsKeys.serialCounter(kind))
        guard serial > 0 else { return nil }
        let id = try context.counter(at: StateKey.round(kind: kind, serial: serial))
        return try context.expect(RoundRecord.self, at: StateKey.round(id))
    }

    /// Whether a draw of some round ends with the block at `height`.
    static func isDrawnFrom(blockEndingAt height: UInt64, in context: ExecutionContext) throws(LedgerError) -> Bool {
        for round in try unsettled(in: context) {
            let ends = [RoundPhase.draw, .appealDraw].map { round.timetable.window($0).upperBound }
            if ends.contains(height) { return true }
        }
        return false
    }

    /// The rounds that are not settled, by settlement height, then id. A round lasts a bounded number of blocks, and few open in
    /// each.
    static func unsettled(in context: ExecutionContext) throws(LedgerError) -> [RoundRecord] {
        var rounds: [RoundRecord] = []
        for entry in context.state.scan(prefix: StateTable.unsettledRounds.prefix, limit: Limits.scanPage) {
            guard let id = UInt64(bigEndianBytes: entry.key.suffix(8)) else {
                throw .broken("the key \(Hex.encode(entry.key)) is damaged")
            }
            rounds.append(try context.expect(RoundRecord.self, at: StateKey.round(id)))
        }
        return rounds
    }

    /// The serial up to which all serving rounds have settled: a carried claim holds its round up, and with it whatever waits for
    /// a later one.
    static func servingSettled(in context: ExecutionContext) throws(LedgerError) -> UInt64 {
        let waiting = try unsettled(in: context).filter { $0.timetable.kind == .serving }.map(\.serial)
        guard let first = waiting.min() else { return try context.counter(at: RoundsKeys.serialCounter(.serving)) }
        return first - 1
    }

    /// The rounds that settle from this block on or an earlier one and are not settled, by settlement height, then id.
    static func dueRounds(in context: ExecutionContext) throws(LedgerError) -> [RoundRecord] {
        try unsettled(in: context).filter { context.block.height >= $0.timetable.settleHeight }
    }

    /// The auditors of a model in an epoch, laid out for draws; none where nobody could be one.
    static func auditors(
        epoch: UInt64, model: String, in context: inout ExecutionContext
    ) throws(LedgerError) -> DrawEntries {
        let key = StateKey.auditors(epoch: epoch, model: model)
        if let known = context.auditorDraws[key] { return known }
        let record = try context.read(AuditorsRecord.self, at: key)
        let entries = DrawEntries(
            zip(record?.hosts ?? [], record?.weights ?? []).map { DrawEntry(address: $0, weight: $1) })
        context.auditorDraws[key] = entries
        return entries
    }
}
