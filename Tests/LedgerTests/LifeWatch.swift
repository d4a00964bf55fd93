import Ledger
import Messages
import OrderingAPI
import Primitives
import ProtocolRules
import StateStore
import TestSupport
import Testing
import WireFormat

/// Follows every session, claim and round from block to block: each goes only where its life allows, nothing that was paid is
/// taken back, and what has ended never changes again.
struct LifeWatch {
    private var sessions: [Bytes: SessionRecord] = [:]
    private var claims: [Bytes: ClaimRecord] = [:]
    private var rounds: [Bytes: RoundRecord] = [:]

    /// - Parameter ledger: one block further than at the last look.
    mutating func look(at ledger: TestLedger) throws {
        let faults = (ledger.lastResult?.events ?? []).filter { ["step_failed", "claim_parked"].contains($0.type) }
        #expect(faults.isEmpty, "block \(ledger.height)")
        try LifeWatch.compare(&sessions, with: .sessions, in: ledger) { before, now in
            guard let before else { return now.state == .drawing && now.openedHeight == ledger.height }
            return LifeWatch.isLater(now, than: before)
        }
        try LifeWatch.compare(&claims, with: .claims, in: ledger) { before, now in
            guard let before else { return now.state == .committed && now.committedHeight == ledger.height }
            return before == now || LifeWatch.isLater(now, than: before)
        }
        try LifeWatch.compare(&rounds, with: .rounds, in: ledger) { before, now in
            guard let before else { return !now.isSettled && now.claims == 0 }
            return before == now
                || (!before.isSettled && before.timetable == now.timetable && before.paid <= now.paid
                    && before.claims <= now.claims && before.settledClaims <= now.settledClaims)
        }
    }

    /// Settled or void; or carried, a bounded number of times, with what is decided left as it is.
    private static func isLater(_ now: ClaimRecord, than before: ClaimRecord) -> Bool {
        let keepsDecided = zip(before.outcomes, now.outcomes).allSatisfy { $0.state == .carried || $0 == $1 }
        // What was set aside for an entry that is carried becomes its payment, or goes back.
        let carried = zip(before.entries, before.outcomes).filter { $0.1.state == .carried }.flatMap(\.0.sessions)
        let isFinal = { (payment: SessionPayment) in !carried.contains { $0.session == payment.session } }
        let keepsPayments = before.payments.filter(isFinal).allSatisfy(now.payments.contains)
        let isCarried = now.carries == before.carries + 1 && now.carries <= AuditRules.carriesMax
        return before.state == .committed && before.entries == now.entries && keepsDecided && keepsPayments
            && (now.state == .settled || now.state == .void || (now.state == .committed && isCarried))
    }

    private static func isLater(_ now: SessionRecord, than before: SessionRecord) -> Bool {
        let isNext =
            switch before.state {
            case .drawing: now.state != .drawing
            case .open: now.state == .open || now.state == .closing
            case .closing: now.state == .closing || now.state == .closed
            case .closed: now == before
            }
        let keepsTerms =
            now.payer == before.payer && now.model == before.model && now.prices == before.prices
            && now.sessionKey == before.sessionKey && now.expiryHeight == before.expiryHeight
        let keepsGroup = before.state == .drawing || now.members == before.members
        return isNext && keepsTerms && keepsGroup && before.deposit <= now.deposit && before.paid <= now.paid
    }

    /// Holds each record of a table against what it was a block ago, nil where it is new. None may be gone.
    private static func compare<Record: CanonicalMessage>(
        _ known: inout [Bytes: Record], with table: StateTable, in ledger: TestLedger,
        _ isSound: (_ before: Record?, _ now: Record) -> Bool
    ) throws {
        var present: [Bytes: Record] = [:]
        for entry in ledger.app.state.tree.scan(prefix: table.prefix) {
            let record = try Record.decode(entry.value)
            #expect(isSound(known[entry.key], record), "block \(ledger.height): \(record)")
            present[entry.key] = record
        }
        #expect(known.keys.allSatisfy { present[$0] != nil })
        known = present
    }
}
