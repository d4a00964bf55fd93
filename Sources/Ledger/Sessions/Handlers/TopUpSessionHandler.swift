import Messages
import Primitives

/// Adds to an open session's deposit, shared equally by its members at once, and orders moves between their allotments.
enum TopUpSessionHandler: MessageHandler {
    static func apply(_ message: MsgTopUpSession, in context: inout ExecutionContext) throws(LedgerError) {
        var session = try SessionsReads.openSession(message.session, in: context)
        guard message.amount > .zero || !message.moves.isEmpty else { throw SessionsRejection.nothingToDo.error }
        try check(message.moves, in: session)
        try AllotmentMoves.order(message.moves, of: session.id, in: &context)
        try BankModule.move(message.amount, from: .balance(message.payer), to: .deposits, in: &context)
        session.deposit = try checked { () throws(ArithmeticError) in try session.deposit.adding(message.amount) }
        context.write(session, at: StateKey.session(session.id))
        let share = try GroupDraw.equalShare(of: message.amount, among: session.members.count)
        for host in session.members {
            let key = StateKey.member(session: session.id, host: host)
            var member = try context.expect(MemberRecord.self, at: key)
            member.allotment = try checked { () throws(ArithmeticError) in try member.allotment.adding(share) }
            context.write(member, at: key)
        }
        context.emit(
            "session_topped_up", ("session", "\(session.id)"), ("amount", message.amount.description),
            ("moves", "\(message.moves.count)"))
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
