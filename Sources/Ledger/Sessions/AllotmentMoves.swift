import Messages
import Primitives
import StateStore

/// Unspent allotment on its way from one member to another. It arrives when the serving round after the one in which it was
/// ordered has settled. From the order on the giver serves only what will be left to it (`MemberRecord.leaving`), and until
/// the arrival it claims what it served before: an executor is never promised what it does not get.
enum AllotmentMoves {
    static func order(
        _ moves: [AllotmentMove], of session: UInt64, in context: inout ExecutionContext
    ) throws(LedgerError) {
        try SessionsModule.order(
            moves.count, \.allotmentMoves, named: "moves of allotment", atMost: Limits.allotmentMovesPerBlockMax,
            in: &context)
        let round = try context.lastClaimableSerial()
        for move in moves {
            let key = SessionsKeys.allotmentMove(round: round, session: session, from: move.from, to: move.to)
            guard context.state.value(for: key) == nil else { throw SessionsRejection.moveAlreadyOrdered.error }
            context.write(move, at: key)
            let memberKey = StateKey.member(session: session, host: move.from)
            var giver = try context.expect(MemberRecord.self, at: memberKey)
            giver.leaving = try checked { () throws(ArithmeticError) in try giver.leaving.adding(move.amount) }
            context.write(giver, at: memberKey)
        }
    }

    static func applyDue(in context: inout ExecutionContext) throws(LedgerError) {
        let table = StateTable.allotmentMoves.prefix
        let settled = try RoundsReads.servingSettled(in: context)
        for entry in context.state.scan(prefix: table, limit: Limits.allotmentMovesPerBlockMax) {
            guard try SessionsKeys.leadingNumber(of: entry.key) <= settled else { return }
            let move = try context.decode(AllotmentMove.self, entry)
            let session = try SessionsKeys.session(ofAllotmentMove: entry.key)
            context.state.delete(entry.key)
            try context.contain("move of allotment in session \(session)") { (context) throws(LedgerError) in
                try apply(move, in: session, &context)
            }
        }
    }

    private static func apply(
        _ move: AllotmentMove, in session: UInt64, _ context: inout ExecutionContext
    ) throws(LedgerError) {
        let (fromKey, toKey) = (
            StateKey.member(session: session, host: move.from), StateKey.member(session: session, host: move.to)
        )
        var giver = try context.expect(MemberRecord.self, at: fromKey)
        var taker = try context.expect(MemberRecord.self, at: toKey)
        try checked { () throws(ArithmeticError) in
            let moved = min(try giver.allotment.subtracting(giver.settledFees), move.amount)
            giver.allotment = try giver.allotment.subtracting(moved)
            giver.leaving = try giver.leaving.subtracting(move.amount)
            taker.allotment = try taker.allotment.adding(moved)
        }
        context.write(giver, at: fromKey)
        context.write(taker, at: toKey)
    }
}
