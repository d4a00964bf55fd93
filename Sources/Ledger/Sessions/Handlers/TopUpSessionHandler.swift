import Messages
import Primitives
import ProtocolRules

/// Adds to an open session's deposit, shared equally by its members at once, and orders moves between their allotments.
enum TopUpSessionHandler: MessageHandler {
    static func apply(_ message: MsgTopUpSession, in context: inout ExecutionContext) throws(LedgerError) {
        let session = try SessionsReads.openSession(message.session, in: context)
        guard message.amount > .zero || !message.moves.isEmpty else { throw SessionsRejection.nothingToDo.error }
        try check(message.moves, in: session)
        try AllotmentMoves.order(message.moves, of: session.id, in: &context)
        if message.amount > .zero { try add(message.amount, to: session, in: &context) }
        context.emit(
            "session_topped_up", ("session", "\(session.id)"), ("amount", message.amount.description),
            ("moves", "\(message.moves.count)"))
    }

    /// Writes the record of every member, up to 64 for one short message: so an amount is worth it, and a block takes a
    /// bounded number.
    private static func add(
        _ amount: Amount, to session: SessionRecord, in context: inout ExecutionContext
    ) throws(LedgerError) {
        let minimum = Amount(context.block.parameters.sessions.depositMinNgonka)
        guard amount >= minimum else {
            throw SessionsRejection.depositTooSmall(deposit: amount, minimum: minimum).error
        }
        try SessionsModule.order(
            1, \.topUps, named: "top-ups of sessions", atMost: Limits.sessionsPerBlockMax, in: &context)
        try BankModule.move(amount, from: .balance(session.payer), to: .deposits, in: &context)
        var session = session
        session.deposit = try checked { () throws(ArithmeticError) in try session.deposit.adding(amount) }
        context.write(session, at: StateKey.session(session.id))
        let share = try GroupDraw.equalShare(of: amount, among: session.members.count)
        guard share > .zero else { return }
        for host in session.members {
            let key = StateKey.member(session: session.id, host: host)
            var member = try context.expect(MemberRecord.self, at: key)
            member.allotment = try checked { () throws(ArithmeticError) in try member.allotment.adding(share) }
            context.write(member, at: key)
        }
    }

    private static func check(_ moves: [AllotmentMove], in session: SessionRecord) throws(LedgerError) {
        guard moves.count <= Limits.allotmentMovesMax else {
            throw SessionsRejection.invalidMove("over \(Limits.allotmentMovesMax) at once").error
        }
        for move in moves {
            guard move.from != move.to, move.amount > .zero else {
                throw SessionsRejection.invalidMove("it moves nothing").error
            }
            for host in [move.from, move.to] where !session.members.contains(host) {
                throw SessionsRejection.notAMember(session: session.id, host: host).error
            }
        }
    }
}
