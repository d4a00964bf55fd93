import Cryptography
import Messages
import Primitives
import StateStore

enum RoundsInvariants {
    /// Recounts the claims of every round and checks their states; tests and audits use it, a block does not.
    static func recount(in context: ExecutionContext) throws(LedgerError) {
        try context.forEach(RoundRecord.self, in: .rounds) { (round) throws(LedgerError) in
            var (claims, settled, paid) = (UInt64(0), UInt64(0), UInt128(0))
            for entry in context.state.scan(prefix: StateKey.claims(round: round.id), limit: .max) {
                let claim = try context.decode(ClaimRecord.self, entry)
                claims += 1
                if claim.state != .committed { settled += 1 }
                for payment in claim.payments {
                    paid += UInt128(payment.received.ngonka) + UInt128(payment.tax.ngonka)
                }
            }
            let isWaiting = context.state.value(for: RoundsKeys.unsettled(round.id)) != nil
            let queue = StateTable.settlementQueue.key(.bigEndian(round.id))
            let queued = UInt64(context.state.scan(prefix: queue, limit: .max).count)
            guard round.claims == claims, round.settledClaims == settled, queued == claims - settled,
                UInt128(round.paid.ngonka) == paid, isWaiting != round.isSettled, !round.isSettled || queued == 0
            else { throw .broken("round \(round.id) does not say what its claims say") }
        }
    }
}
