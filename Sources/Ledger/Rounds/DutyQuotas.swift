import Cryptography
import Messages
import Primitives
import ProtocolRules
import StateStore
import WireFormat

/// Which duty messages of a host were free already: one for each round, kind of message and window, for auditors one in each of the
/// three turns; the same again each time that claims of the round are carried; and one beacon message an interval. A free message
/// is used up whether it succeeds or not, so that it cannot be used to flood blocks.
enum DutyQuotas {
    /// Rounds overlap, so the newest few uses are kept; what is older than all of them is not free any more.
    private static let usesKept = 96
    /// Kinds of duty messages of one round.
    private static let kinds: UInt64 = 8
    /// How often a round's claims can be audited: once, and each time that they are carried.
    private static let rounds = AuditRules.carriesMax + 1

    /// Uses up a quota; false where it is used up, or where the message is none that is free now.
    static func take(_ message: DecodedMessage, in context: inout ExecutionContext) throws(LedgerError) -> Bool {
        switch message {
        case .beacon(let message): return try takeBeacon(message, in: &context)
        case .commitClaim(let claim):
            guard let round = try round(claim.round, in: context),
                round.timetable.window(.commit).contains(context.block.height)
            else { return false }
            return try take(kind: 0, of: claim.round, carries: 0, by: claim.host, in: &context)
        case .commitAudit(let message):
            guard let first = message.commitments.first else { return false }
            return try takeAudit(1, of: (message.round, first.claimant), by: message.host, in: &context)
        case .openAudit(let message):
            guard let first = message.openings.first else { return false }
            return try takeAudit(3, of: (message.round, first.claimant), by: message.host, in: &context)
        case .openItems(let message):
            return try takeAudit(5, of: (message.round, message.host), by: message.host, in: &context)
        default: return false
        }
    }

    private static func round(_ id: UInt64, in context: ExecutionContext) throws(LedgerError) -> RoundRecord? {
        guard let round = try context.read(RoundRecord.self, at: StateKey.round(id)), !round.isSettled else {
            return nil
        }
        return round
    }

    /// A carried claim is audited in the windows of another round, where its messages are free once more.
    private static func takeAudit(
        _ kind: UInt64, of claimed: (round: UInt64, host: Address), by host: Address, in context: inout ExecutionContext
    ) throws(LedgerError) -> Bool {
        let key = StateKey.claim(round: claimed.round, host: claimed.host)
        guard let claim = try context.read(ClaimRecord.self, at: key), claim.state == .committed,
            let round = try round(claim.auditRound, in: context),
            let phase = round.timetable.phase(at: context.block.height), phase >= .audit
        else { return false }
        return try take(
            kind: use(of: kind, at: context.block.height, phase, round.timetable), of: claimed.round,
            carries: min(claim.carries, rounds - 1), by: host, in: &context)
    }

    /// Panels have free messages of their own. So has an auditor in each turn: who is first for one sample and third for another
    /// speaks twice.
    private static func use(
        of kind: UInt64, at height: UInt64, _ phase: RoundPhase, _ timetable: RoundTimetable
    ) -> UInt64 {
        if phase >= .appeal, kind < 5 { return kind + 1 }
        let window = timetable.window(.audit)
        let isTurn = { (place: Int) in AuditRules.turn(of: place, in: window).map { $0 <= height } ?? false }
        guard kind == 1, isTurn(1) else { return kind }
        return isTurn(2) ? 7 : 6
    }

    private static func take(
        kind: UInt64, of round: UInt64, carries: UInt64, by host: Address, in context: inout ExecutionContext
    ) throws(LedgerError) -> Bool {
        let (scaled, overflow) = round.multipliedReportingOverflow(by: kinds * rounds)
        guard !overflow else { return false }
        // What is added is below kinds · rounds, a power of two, so it only fills bits that are 0.
        let use = scaled | (kind * rounds + carries)
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

/// The free messages that a host used: (round · 8 + kind) · 4 + how often the round's claims had been carried, ascending.
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
