import Cryptography
import Messages
import Primitives
import ProtocolRules

/// Pays one claim, whole or not at all.
enum Settlement {
    /// committed → settled; or → parked where the ledger's own rules were broken on the way, with nothing paid. A parked claim
    /// is a fault to look at, not a reason to stop every node.
    static func settle(_ claim: ClaimRecord, in context: inout ExecutionContext) throws(LedgerError) {
        do {
            try context.scope { (context) throws(LedgerError) in try pay(claim, in: &context) }
        } catch .rejected(let rejection) {
            park(claim, because: rejection, in: &context)
        }
        var round = try context.expect(RoundRecord.self, at: StateKey.round(claim.round))
        round.settledClaims = try checked { () throws(ArithmeticError) in try round.settledClaims.adding(1) }
        context.write(round, at: StateKey.round(claim.round))
    }

    private static func pay(_ committed: ClaimRecord, in context: inout ExecutionContext) throws(LedgerError) {
        var claim = committed
        var round = try context.expect(RoundRecord.self, at: StateKey.round(claim.round))
        for session in claim.entries.flatMap(\.sessions) {
            let payment = try context.hooks.pay(session, to: claim.host, tally: .unaudited, in: &context)
            claim.payments.append(payment)
            round.paid = try checked { () throws(ArithmeticError) in
                try round.paid.adding(payment.received).adding(payment.tax)
            }
        }
        claim.state = .settled
        context.write(claim, at: StateKey.claim(round: claim.round, host: claim.host))
        context.write(round, at: StateKey.round(claim.round))
        context.emit("claim_settled", ("round", "\(claim.round)"), ("host", claim.host.bech32))
    }

    private static func park(
        _ committed: ClaimRecord, because rejection: Rejection, in context: inout ExecutionContext
    ) {
        var claim = committed
        claim.state = .parked
        context.write(claim, at: StateKey.claim(round: claim.round, host: claim.host))
        context.emit(
            "claim_parked", ("round", "\(claim.round)"), ("host", claim.host.bech32), ("reason", rejection.sentence))
    }
}
