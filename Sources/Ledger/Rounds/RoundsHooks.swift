import Messages
import Primitives
import ProtocolRules

/// Whose claim it is, in which round, for which model.
struct Claimant {
    let host: Address
    let round: UInt64
    /// Which serving round it is, from 1.
    let serial: UInt64
    let model: String
}

/// What rounds ask of the modules above them. `LedgerApp` wires it once.
protocol RoundsHooks {
    /// Checks one session's part of a claim, all but the voucher's signature, and takes note of its numbers, so that no item is
    /// claimed twice, whatever becomes of this claim.
    static func accept(
        _ claim: SessionClaim, by claimant: Claimant, in context: inout ExecutionContext
    ) throws(LedgerError)

    /// Checks the signature of a voucher in a part that was accepted: by far the dearest check, so it comes when every part of
    /// the claim has passed the others.
    static func authenticate(_ claim: SessionClaim, in context: ExecutionContext) throws(LedgerError)

    /// Who has an interest in the answers of a session, besides their executor: its payer and its key holder.
    static func interested(in session: UInt64, _ context: ExecutionContext) throws(LedgerError) -> [Address]

    /// Sets aside what one session owes for a claim that is carried: later claims of the host settle before it, and both voucher
    /// and allotment would be used up by them.
    ///
    /// - Returns: the fee that is set aside.
    static func reserve(
        _ claim: SessionClaim, for host: Address, in context: inout ExecutionContext
    ) throws(LedgerError) -> Amount

    /// Gives back what was set aside.
    static func release(
        _ reserved: Amount, of claim: SessionClaim, by host: Address, in context: inout ExecutionContext
    ) throws(LedgerError)

    /// Pays one session's part of a settled claim.
    ///
    /// - Parameter reserved: what was set aside for it; nil where it was never carried.
    static func pay(
        _ claim: SessionClaim, to host: Address, tally: AuditTally, reserved: Amount?,
        in context: inout ExecutionContext
    ) throws(LedgerError) -> SessionPayment
}
