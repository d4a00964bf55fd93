import Cryptography
import Messages
import Primitives
import ProtocolRules
import StateStore

/// Deposits, groups, allotments and what they pay. Read this first.
///
/// drawing → open → closing → closed, and drawing → closed where nobody can serve. Every edge but the payer's own wish is a
/// height or a settled round: nothing waits for somebody's good will.
///
/// A session's part of the common purse is always `deposit − paid − refunded`.
enum SessionsModule {
    /// Draws the groups of all sessions opened in the block before, with that block's hash.
    static func beginBlock(in context: inout ExecutionContext) throws(LedgerError) {
        let pending = context.state.scan(prefix: StateTable.pendingGroups.prefix, limit: Limits.sessionsPerBlockMax)
        var draw = GroupDraw()
        for entry in pending {
            context.state.delete(entry.key)
            let id = try SessionsKeys.trailingID(of: entry.key)
            try context.contain("draw of session \(id)") { (context) throws(LedgerError) in
                try draw.run(for: id, in: &context)
            }
        }
    }

    /// Begins to close sessions whose time is over, and ends what waited for a round that has settled.
    static func endBlock(in context: inout ExecutionContext) throws(LedgerError) {
        try expire(in: &context)
        try AllotmentMoves.applyDue(in: &context)
        try closeDue(in: &context)
    }

    private static func expire(in context: inout ExecutionContext) throws(LedgerError) {
        let table = StateTable.expiries.prefix
        for entry in context.state.scan(prefix: table, limit: Limits.sessionsPerBlockMax) {
            guard try SessionsKeys.leadingNumber(of: entry.key) <= context.block.height else { return }
            context.state.delete(entry.key)
            let id = try SessionsKeys.trailingID(of: entry.key)
            try context.contain("expiry of session \(id)") { (context) throws(LedgerError) in
                try expire(id, in: &context)
            }
        }
    }

    /// open → closing; drawing → closed where the draw was undone as a fault of the ledger.
    private static func expire(_ id: UInt64, in context: inout ExecutionContext) throws(LedgerError) {
        let session = try context.expect(SessionRecord.self, at: StateKey.session(id))
        guard session.state == .drawing else { return try beginClosing(id, in: &context) }
        context.state.delete(SessionsKeys.pendingGroup(id))
        try close(id, in: &context)
    }

    private static func closeDue(in context: inout ExecutionContext) throws(LedgerError) {
        let table = StateTable.closings.prefix
        let settled = try RoundsReads.servingSettled(in: context)
        for entry in context.state.scan(prefix: table, limit: Limits.sessionsPerBlockMax) {
            guard try SessionsKeys.leadingNumber(of: entry.key) <= settled else { return }
            context.state.delete(entry.key)
            let id = try SessionsKeys.trailingID(of: entry.key)
            try context.contain("closing of session \(id)") { (context) throws(LedgerError) in
                try close(id, in: &context)
            }
        }
    }

    /// open → closing. Executors take no voucher any more; what was served still pays.
    static func beginClosing(_ id: UInt64, in context: inout ExecutionContext) throws(LedgerError) {
        var session = try context.expect(SessionRecord.self, at: StateKey.session(id))
        context.state.delete(SessionsKeys.expiry(height: session.expiryHeight, session: id))
        session.state = .closing
        session.closesAfterRound = try context.lastClaimableSerial()
        context.write(session, at: StateKey.session(id))
        context.state.write([1], for: SessionsKeys.closing(round: session.closesAfterRound, session: id))
        context.emit("session_closing", ("session", "\(id)"), ("after_round", "\(session.closesAfterRound)"))
    }

    /// closing or drawing → closed: what nobody earned goes back to the payer.
    static func close(_ id: UInt64, in context: inout ExecutionContext) throws(LedgerError) {
        var session = try context.expect(SessionRecord.self, at: StateKey.session(id))
        guard session.state != .closed else { throw SessionsRejection.notOpen(id, state: session.state.name).error }
        let rest = try remaining(of: session)
        session.refunded = rest
        session.state = .closed
        context.write(session, at: StateKey.session(id))
        try BankModule.move(rest, from: .deposits, to: .balance(session.payer), in: &context)
        context.emit("session_closed", ("session", "\(id)"), ("refund", rest.description))
    }

    /// Counts one more order of this block, and refuses those that a later block could not carry out with the others.
    static func order(
        _ count: Int, _ orders: WritableKeyPath<BlockOrders, Int>, named name: String, atMost maximum: Int,
        in context: inout ExecutionContext
    ) throws(LedgerError) {
        guard context.orders[keyPath: orders] <= maximum - count else {
            throw SessionsRejection.blockIsFull(of: name, maximum: maximum).error
        }
        context.orders[keyPath: orders] += count
    }

    /// What a session still holds of its deposit.
    static func remaining(of session: SessionRecord) throws(LedgerError) -> Amount {
        try checked { () throws(ArithmeticError) in
            try session.deposit.subtracting(session.paid).subtracting(session.refunded)
        }
    }
}
