import Messages
import Primitives
import StateStore

enum SessionsInvariants {
    /// Recounts all deposits and checks every session against its members and its timer; tests and audits use it, a block
    /// does not.
    static func recount(in context: ExecutionContext) throws(LedgerError) {
        var held = UInt128(0)
        var timers: [SessionState: Int] = [:]
        try context.forEach(SessionRecord.self, in: .sessions) { (session) throws(LedgerError) in
            held += UInt128(try SessionsModule.remaining(of: session).ngonka)
            timers[session.state, default: 0] += 1
            try checkMembers(of: session, in: context)
            try checkTimer(of: session, in: context)
        }
        guard held == UInt128(context.supply.deposits.ngonka) else {
            throw .broken("sessions hold \(held) ngonka, but the supply record says \(context.supply.deposits)")
        }
        let (drawing, open, closing) = (timers[.drawing] ?? 0, timers[.open] ?? 0, timers[.closing] ?? 0)
        try context.expect(drawing, in: .pendingGroups)
        try context.expect(drawing + open, in: .expiries)
        try context.expect(closing, in: .closings)
    }

    private static func checkMembers(of session: SessionRecord, in context: ExecutionContext) throws(LedgerError) {
        var (allotted, received) = (UInt128(0), UInt128(0))
        for host in session.members {
            let member = try context.expect(MemberRecord.self, at: StateKey.member(session: session.id, host: host))
            allotted += UInt128(member.allotment.ngonka)
            received += UInt128(member.received.ngonka)
            guard member.host == host, member.settledFees <= member.allotment, member.received <= member.settledFees
            else { throw .broken("session \(session.id) paid a member more than its allotment") }
        }
        guard allotted <= UInt128(session.deposit.ngonka), received <= UInt128(session.paid.ngonka) else {
            throw .broken("session \(session.id) promises or paid more than it has")
        }
    }

    /// Nothing waits for somebody's good will: each state but the last has its entry in a table of timers.
    private static func checkTimer(of session: SessionRecord, in context: ExecutionContext) throws(LedgerError) {
        let expiry = SessionsKeys.expiry(height: session.expiryHeight, session: session.id)
        let closing = SessionsKeys.closing(round: session.closesAfterRound, session: session.id)
        let expected: [Bytes] =
            switch session.state {
            case .drawing: [SessionsKeys.pendingGroup(session.id), expiry]
            case .open: [expiry]
            case .closing: [closing]
            case .closed: []
            }
        guard session.state != .drawing || session.openedHeight == context.block.height else {
            throw .broken("session \(session.id) was not drawn in the block after \(session.openedHeight)")
        }
        for key in expected where context.state.value(for: key) == nil {
            throw .broken("session \(session.id) is \(session.state.name) without a timer")
        }
    }
}
