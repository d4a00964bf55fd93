import Messages
import Primitives

enum SessionsInvariants {
    /// Recounts all deposits and checks every session against its members; tests and audits use it, a block does not.
    static func recount(in context: ExecutionContext) throws(LedgerError) {
        var held = UInt128(0)
        try context.forEach(SessionRecord.self, in: .sessions) { (session) throws(LedgerError) in
            held += UInt128(try SessionsModule.remaining(of: session).ngonka)
            var allotted = UInt128(0)
            for member in session.members {
                let record = try context.expect(
                    MemberRecord.self, at: StateKey.member(session: session.id, host: member))
                allotted += UInt128(record.allotment.ngonka)
                guard record.settledFees <= record.allotment, record.received <= record.settledFees else {
                    throw .broken("session \(session.id) paid a member more than its allotment")
                }
            }
            guard allotted <= UInt128(session.deposit.ngonka) else {
                throw .broken("session \(session.id) allots more than its deposit")
            }
        }
        guard held == UInt128(context.supply.deposits.ngonka) else {
            throw .broken("sessions hold \(held) ngonka, but the supply record says \(context.supply.deposits)")
        }
    }
}
