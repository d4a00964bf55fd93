import Cryptography
import Messages
import Primitives
import ProtocolRules

/// Pays one claim, whole or not at all.
enum Settlement {
    /// committed → settled; or → parked where the ledger's own rules were broken on the way, with nothing paid. A parked claim
    /// is a fault to look at, not a reason to stop every node.
    static func settle(_ host: Address, round: UInt64, in context: inout ExecutionContext) throws(LedgerError) {
        do {
            try context.scope { (context) throws(LedgerError) in try pay(host, round: round, in: &context) }
        } catch .rejected(let rejection) {
            try park(host, round: round, because: rejection, in: &context)
        }
        var record = try context.expect(RoundRecord.self, at: StateKey.round(round))
        record.settledClaims = try checked { () throws(ArithmeticError) in try record.settledClaims.adding(1) }
        context.write(record, at: StateKey.round(round))
    }

    private static func pay(_ host: Address, round: UInt64, in context: inout ExecutionContext) throws(LedgerError) {
        var claim = try context.expect(ClaimRecord.self, at: StateKey.claim(round: round, host: host))
        var record = try context.expect(RoundRecord.self, at: StateKey.round(round))
        for session in claim.entries.flatMap(\.sessions) {
            let payment = try context.hooks.pay(session, to: host, tally: .unaudited, in: &context)
            claim.payments.append(payment)
            record.paid = try checked { () throws(ArithmeticError) in
                try record.paid.adding(payment.received).adding(payment.tax)
            }
        }
        claim.state = .settled
        context.write(claim, at: StateKey.claim(round: round, host: host))
        context.write(record, at: StateKey.round(round))
        context.emit("claim_settled", ("round", "\(round)"), ("host", host.bech32))
    }

    private static func park(
        _ host: Address, round: UInt64, because rejection: Rejection, in context: inout ExecutionContext
    ) throws(LedgerError) {
        var claim = try context.expect(ClaimRecord.self, at: StateKey.claim(round: round, host: host))
        claim.state = .parked
        context.write(claim, at: StateKey.claim(round: round, host: host))
        context.emit("claim_parked", ("round", "\(round)"), ("host", host.bech32), ("reason", rejection.sentence))
    }
}
