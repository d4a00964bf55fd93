import Cryptography
import Messages
import Primitives
import ProtocolRules
import StateStore
import WireFormat

/// Which duty messages of a host were free already: one for each round, kind of message and window, and one beacon message an
/// interval. A free message is used up whether it succeeds or not, so that it cannot be used to flood blocks.
enum DutyQuotas {
    /// Rounds overlap, so the newest few uses are kept; what is older than all of them is not free any more.
    private static let usesKept = 96
    /// Kinds of duty messages of one round.
    private static let kinds: UInt64 = 8

    /// Uses up a quota; false where it is used up, or where the message is none that is free now.
    static func take(_ message: DecodedMessage, in context: inout ExecutionContext) throws(LedgerError) -> Bool {
        switch message {
        case .beacon(let message): return try takeBeacon(message, in: &context)
        case .commitClaim(let claim):
            guard let round = try round(claim.round, in: context),
                round.timetable.window(.commit).contains(context.block.height)
            else { return false }
            return try take(kind: 0, of: claim.round, by: claim.host, in: &context)
        case .commitAudit(let message):
            return try takeAudit(1, of: message.round, by: message.host, in: &context)
        case .openAudit(let message):
            return try takeAudit(3, of: message.round, by: message.host, in: &context)
        case .openItems(let message):
            return try takeAudit(5, of: message.round, by: message.host, in: &context)
        default: return false
        }
    }

    private static func round(_ id: UInt64, in context: ExecutionContext) throws(LedgerError) -> RoundRecord? {
        guard let round = try context.read(RoundRecord.self, at: StateKey.round(id)), !round.isSettled else { return nil }
        return round
    }

    /// A carried claim is audited in the windows of another round, so any height until its own has settled will do.
    private static func takeAudit(
        _ kind: UInt64, of id: UInt64, by host: Address, in context: inout ExecutionContext
    ) throws(LedgerError) -> Bool {
        guard let round = try round(id, in: context), let phase = round.timetable.phase(at: context.block.height),
            phase >= .audit
        else { return false }
        let isAppeal = phase >= .appeal && kind < 5
        return try take(kind: kind + (isAppeal ? 1 : 0), of: id, by: host, in: &context)
    }

    private static func take(
        kind: UInt64, of round: UInt64, by host: Address, in context: inout ExecutionContext
    ) throws(LedgerError) -> Bool {
        let (scaled, overflow) = round.multipliedReportingOverflow(by: kinds)
        guard !overflow else { return false }
        let use = scaled | kind
        let key = RoundsKeys.dutyQuota(host: host)
        var uses = try context.read(DutyUses.self, at: key)?.uses ?? []
        let place = uses.firstIndex { $0 >= use } ?? uses.count
        guard place == uses.count || uses[place] != use else { return false }
        guard uses.count < usesKept || place > 0 else { return false }
        uses.insert(use, at: place)
        if uses.count > usesKept { uses.removeFirst() }
        context.write(DutyUses(uses: uses), at: key)
        return true
    }

    private static func takeBeacon(
        _ message: MsgBeacon, in context: inout ExecutionContext
    ) throws(LedgerError) -> Bool {
        let current = context.block.parameters.beaconSchedule.index(at: context.block.height)
        let key = RoundsKeys.beaconQuota(host: message.host)
        guard message.interval == current, try context.counter(at: key) < current else { return false }
        context.state.write(.bigEndian(current), for: key)
        return true
    }
}

/// The free messages that a host used: round · 8 + kind, ascending.
struct DutyUses: CanonicalMessage {
    var uses: [UInt64]

    init(uses: [UInt64]) { self.uses = uses }

    init(from decoder: inout ProtobufDecoder) throws(WireError) {
        uses = []
        while let field = try decoder.nextField() {
            switch field {
            case 1: uses = try decoder.packed()
            default: throw decoder.unknownField()
            }
        }
    }

    func encode(to encoder: inout ProtobufEncoder) { encoder.write(packed: uses, field: 1) }
}
