import Cryptography
import Messages
import Primitives
import StateStore

enum RoundsInvariants {
    /// Recounts the claims of every round and checks their states; tests and audits use it, a block does not.
    static func recount(in context: ExecutionContext) throws(LedgerError) {
        var (allClaims, allWaiting, unsettled) = (UInt64(0), UInt64(0), 0)
        try context.forEach(RoundRecord.self, in: .rounds) { (round) throws(LedgerError) in
            var (claims, settled, paid) = (UInt64(0), UInt64(0), UInt128(0))
            for entry in context.state.scan(prefix: StateKey.claims(round: round.id), limit: .max) {
                let claim = try context.decode(ClaimRecord.self, entry)
                try check(claim, at: entry.key, of: round, in: context)
                claims += 1
                if claim.state != .committed { settled += 1 }
                for payment in claim.payments {
                    paid += UInt128(payment.received.ngonka) + UInt128(payment.tax.ngonka)
                }
            }
            let isWaiting = context.state.value(for: RoundsKeys.unsettled(round)) != nil
            guard round.claims == claims, round.settledClaims == settled, UInt128(round.paid.ngonka) == paid,
                isWaiting != round.isSettled, !round.isSettled || claims == settled
            else { throw .broken("round \(round.id) does not say what its claims say") }
            allClaims += claims
            allWaiting += claims - settled
            if isWaiting { unsettled += 1 }
        }
        try context.expect(Int(allClaims), in: .claims)
        try context.expect(Int(allWaiting), in: .settlementQueue)
        try context.expect(unsettled, in: .unsettledRounds)
    }

    /// A claim waits in the queue, or has been paid for each of its sessions, or was parked and paid for none.
    private static func check(
        _ claim: ClaimRecord, at key: Bytes, of round: RoundRecord, in context: ExecutionContext
    ) throws(LedgerError) {
        let queued = context.state.value(
            for: RoundsKeys.settlement(auditRound: claim.auditRound, round: round.id, host: claim.host))
        let sessions = claim.entries.flatMap(\.sessions).map(\.session)
        let isSound =
            switch claim.state {
            case .committed: queued == RoundsKeys.queued(round.id, claim.host)
            case .settled: queued == nil && claim.payments.map(\.session).sorted() == sessions.sorted()
            case .parked, .void: queued == nil && (claim.payments.isEmpty || claim.carries > 0)
            }
        guard isSound, key == StateKey.claim(round: claim.round, host: claim.host), claim.round == round.id else {
            throw .broken("the claim at \(Hex.encode(key)) is \(claim.state.name), but nothing else says so")
        }
    }
}
