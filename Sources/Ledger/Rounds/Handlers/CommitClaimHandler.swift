import Cryptography
import Messages
import Primitives
import ProtocolRules
import StateStore

/// Takes a host's one claim of a round. Everything that can be checked without auditors is checked here, so that settlement
/// has only sums left to do.
enum CommitClaimHandler: MessageHandler {
    static func apply(_ message: MsgCommitClaim, in context: inout ExecutionContext) throws(LedgerError) {
        var round = try RoundsReads.round(message.round, in: context)
        let window = round.timetable.window(.commit)
        guard window.contains(context.block.height) else {
            throw RoundsRejection.outsideWindow(round: round.id, window: window, height: context.block.height).error
        }
        let key = StateKey.claim(round: round.id, host: message.host)
        guard context.state.value(for: key) == nil else { throw RoundsRejection.claimedAlready(round: round.id).error }
        let host = try HostsModule.servingHost(message.host, in: context)
        guard host.state == .active || round.id <= host.retiresAfterRound else {
            throw RoundsRejection.retiresBefore(round: round.id, last: host.retiresAfterRound).error
        }
        try check(message.entries, in: context)
        for entry in message.entries {
            let claimant = Claimant(host: host.address, round: round.id, model: entry.model)
            for session in entry.sessions { try context.hooks.accept(session, by: claimant, in: &context) }
        }
        for session in message.entries.flatMap(\.sessions) { try context.hooks.authenticate(session, in: context) }
        context.write(
            ClaimRecord(
                host: host.address, round: round.id, committedHeight: context.block.height, entries: message.entries),
            at: key)
        context.state.write(host.address.bytes, for: RoundsKeys.settlement(round: round.id, host: host.address))
        round.claims = try checked { () throws(ArithmeticError) in try round.claims.adding(1) }
        context.write(round, at: StateKey.round(round.id))
        context.emit("claim_committed", ("round", "\(round.id)"), ("host", host.address.bech32))
    }

    private static func check(_ entries: [ClaimEntry], in context: ExecutionContext) throws(LedgerError) {
        guard (1...Limits.claimEntriesMax).contains(entries.count) else {
            throw RoundsRejection.invalidEntries("1 to \(Limits.claimEntriesMax) models").error
        }
        for (left, right) in zip(entries, entries.dropFirst())
        where !left.model.utf8.lexicographicallyPrecedes(right.model.utf8) {
            throw RoundsRejection.invalidEntries("models not ascending, or one twice").error
        }
        let sessions = entries.reduce(0) { $0 + $1.sessions.count }
        guard sessions <= context.block.parameters.rounds.sessionsPerClaimMax else {
            throw RoundsRejection.invalidEntries("too many sessions at once: \(sessions)").error
        }
        for entry in entries {
            _ = try ModelsModule.model(entry.model, in: context)
            try checkSums(of: entry)
        }
    }

    /// Sessions ascend, none is empty, and their counts and fees are exactly the entry's.
    private static func checkSums(of entry: ClaimEntry) throws(LedgerError) {
        guard !entry.sessions.isEmpty, entry.sessions.allSatisfy({ $0.count > 0 }) else {
            throw RoundsRejection.invalidEntries("a model or session without items").error
        }
        guard zip(entry.sessions, entry.sessions.dropFirst()).allSatisfy({ $0.session < $1.session }) else {
            throw RoundsRejection.invalidEntries("sessions not ascending, or one twice").error
        }
        let (count, fee) = try checked { () throws(ArithmeticError) in
            var (count, fee) = (UInt64(0), Amount.zero)
            for session in entry.sessions {
                count = try count.adding(session.count)
                fee = try fee.adding(session.fee)
            }
            return (count, fee)
        }
        guard count == entry.count else { throw RoundsRejection.sumsDiffer("\(count) items, not \(entry.count)").error }
        guard fee == entry.fee else { throw RoundsRejection.sumsDiffer("\(fee), not \(entry.fee)").error }
    }
}
