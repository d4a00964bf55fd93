import Messages
import Primitives
import StateStore

/// What claims and sessions say of the same payments. Neither of the two modules reads the other's records, so this stands above
/// both.
enum PaymentInvariants {
    /// Every payment of a claim is one of its session and of its member, and these made no others; tests and audits use it, a
    /// block does not.
    static func recount(in context: ExecutionContext) throws(LedgerError) {
        var paid: [UInt64: UInt128] = [:]
        var received: [Bytes: UInt128] = [:]
        try context.forEach(ClaimRecord.self, in: .claims) { (claim) throws(LedgerError) in
            for payment in claim.payments {
                let gross = UInt128(payment.received.ngonka) + UInt128(payment.tax.ngonka)
                paid[payment.session, default: 0] += gross
                let member = StateKey.member(session: payment.session, host: claim.host)
                received[member, default: 0] += UInt128(payment.received.ngonka)
            }
        }
        try context.forEach(SessionRecord.self, in: .sessions) { (session) throws(LedgerError) in
            guard paid.removeValue(forKey: session.id) ?? 0 == UInt128(session.paid.ngonka) else {
                throw .broken("session \(session.id) did not pay what claims received of it")
            }
        }
        try context.forEachEntry(in: .members) { (entry) throws(LedgerError) in
            let member = try context.decode(MemberRecord.self, entry)
            guard received.removeValue(forKey: entry.key) ?? 0 == UInt128(member.received.ngonka) else {
                throw .broken("the member at \(Hex.encode(entry.key)) did not receive what its claims say")
            }
        }
        guard paid.isEmpty, received.isEmpty else { throw .broken("a claim was paid by a session that is not there") }
    }
}
