import Messages
import Primitives
import StateStore

enum SessionsInvariants {
    /// Recounts all deposits and checks every session against its members and its timer; tests and audits use it, a block
    /// does not.
    static func recount(in context: ExecutionContext) throws(LedgerError) {
        var held = UInt128(0)
        var timers: [SessionState: Int] = [:]
        var (sessions, members) = (0, 0)
        try context.forEach(SessionRecord.self, in: .sessions) { (session) throws(LedgerError) in
            held += UInt128(try SessionsModule.remaining(of: session).ngonka)
            timers[session.state, default: 0] += 1
            (sessions, members) = (sessions + 1, members + session.members.count)
            try checkState(of: session)
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
        try context.expect(sessions, in: .sessionsByPayer)
        try context.expect(members, in: .members)
        try checkMoves(in: context)
    }

    /// Only an ended session gave anything back, and it has nothing left; only one that was drawn has members.
    private static func checkState(of session: SessionRecord) throws(LedgerError) {
        let left = try SessionsModule.remaining(of: session)
        let isSound =
            switch session.state {
            case .drawing: session.members.isEmpty && left == session.deposit
            case .open, .closing: !session.members.isEmpty && session.refunded == .zero
            case .closed: left == .zero
            }
        guard isSound else { throw .broken("session \(session.id) is \(session.state.name), and its sums are not") }
    }

    /// What is to leave a member's allotment is what the moves ordered of it take.
    private static func checkMoves(in context: ExecutionContext) throws(LedgerError) {
        var leaving: [Bytes: UInt128] = [:]
        try context.forEachEntry(in: .allotmentMoves) { (entry) throws(LedgerError) in
            let move = try context.decode(AllotmentMove.self, entry)
            let session = try SessionsKeys.session(ofAllotmentMove: entry.key)
            leaving[StateKey.member(session: session, host: move.from), default: 0] += UInt128(move.amount.ngonka)
        }
        try context.forEachEntry(in: .members) { (entry) throws(LedgerError) in
            let member = try context.decode(MemberRecord.self, entry)
            guard leaving.removeValue(forKey: entry.key) ?? 0 == UInt128(member.leaving.ngonka) else {
                throw .broken("the member at \(Hex.encode(entry.key)) does not say what moves take from it")
            }
        }
        guard leaving.isEmpty else { throw .broken("a move takes from a member that is not there") }
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
