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
        guard round.epoch >= host.barredUntilEpoch else {
            throw RoundsRejection.barred(untilEpoch: host.barredUntilEpoch).error
        }
        try check(message.entries, in: context)
        if round.timetable.kind == .serving {
            try accept(message.entries, of: host, in: round, &context)
        } else {
            try checkSynthetic(message.entries, of: host, in: round, context)
        }
        try add(message.entries, to: round.id, in: &context)
        context.write(
            ClaimRecord(
                host: host.address, round: round.id, committedHeight: context.block.height, entries: message.entries),
            at: key)
        context.state.write(
            RoundsKeys.queued(round.id, host.address),
            for: RoundsKeys.settlement(auditRound: round.id, round: round.id, host: host.address))
        round.claims = try checked { () throws(ArithmeticError) in try round.claims.adding(1) }
        context.write(round, at: StateKey.round(round.id))
        context.emit("claim_committed", ("round", "\(round.id)"), ("host", host.address.bech32))
    }

    /// What developers paid for: their sessions say what may be claimed.
    private static func accept(
        _ entries: [ClaimEntry], of host: HostRecord, in round: RoundRecord, _ context: inout ExecutionContext
    ) throws(LedgerError) {
        guard host.state == .active || round.serial <= host.retiresAfterRound else {
            throw RoundsRejection.retiresBefore(serial: round.serial, last: host.retiresAfterRound).error
        }
        for entry in entries {
            try checkSums(of: entry)
            let claimant = Claimant(host: host.address, round: round.id, serial: round.serial, model: entry.model)
            for session in entry.sessions { try context.hooks.accept(session, by: claimant, in: &context) }
        }
        for session in entries.flatMap(\.sessions) { try context.hooks.authenticate(session, in: context) }
    }

    /// What the round asked of everybody: whole items of models that the host lists, for nothing.
    private static func checkSynthetic(
        _ entries: [ClaimEntry], of host: HostRecord, in round: RoundRecord, _ context: ExecutionContext
    ) throws(LedgerError) {
        for entry in entries {
            guard HostsReads.isListed(host.address, model: entry.model, in: context) else {
                throw RoundsRejection.notWorked(model: entry.model, "this host does not list it").error
            }
            guard try ModelsModule.model(entry.model, in: context).ordinaryTokens.count > 0 else {
                throw RoundsRejection.notWorked(model: entry.model, "it has no ordinary tokens to make prompts of")
                    .error
            }
            guard entry.sessions.isEmpty, entry.fee == .zero, entry.count > 0 else {
                throw RoundsRejection.invalidEntries("synthetic work has items, and neither fees nor sessions").error
            }
            let tokens = try checked { () throws(ArithmeticError) in
                try entry.count.multiplied(by: round.terms.outputTokens)
            }
            guard entry.tokens == tokens else {
                throw RoundsRejection.sumsDiffer("\(entry.count) items have \(tokens) tokens, not \(entry.tokens)")
                    .error
            }
        }
    }

    /// Adds to what all hosts claim for each model of the round. A claim can be any number, and must not keep others out.
    private static func add(
        _ entries: [ClaimEntry], to round: UInt64, in context: inout ExecutionContext
    ) throws(LedgerError) {
        for entry in entries {
            let key = StateKey.roundModel(round, model: entry.model)
            guard var model = try context.read(RoundModelRecord.self, at: key) else {
                throw RoundsRejection.notWorked(model: entry.model, "it came after the round had opened").error
            }
            model.fee = Amount(model.fee.ngonka.addingClamped(entry.fee.ngonka))
            model.tokens = model.tokens.addingClamped(entry.tokens)
            context.write(model, at: key)
        }
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
        for entry in entries { _ = try ModelsModule.model(entry.model, in: context) }
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
