import Cryptography
import Messages
import Primitives
import ProtocolRules
import WireFormat

/// What rounds ask of sessions: to accept a claim's part, and to pay it.
enum SessionClaims: RoundsHooks {
    static func accept(
        _ claim: SessionClaim, by claimant: Claimant, in context: inout ExecutionContext
    ) throws(LedgerError) {
        let session = try SessionsReads.payingSession(claim.session, in: context)
        // Rounds settle one after the other: a later round's claim would find the deposit gone.
        guard session.state == .open || claimant.serial <= session.closesAfterRound else {
            throw SessionsRejection.closesBefore(
                session: session.id, serial: claimant.serial, last: session.closesAfterRound
            ).error
        }
        let key = StateKey.member(session: claim.session, host: claimant.host)
        guard session.model == claimant.model, var member = try context.read(MemberRecord.self, at: key) else {
            throw SessionsRejection.notAMember(session: claim.session, host: claimant.host).error
        }
        let voucher = claim.voucher.statement
        guard voucher.chainID == context.block.chainID, voucher.session == session.id,
            voucher.executor == claimant.host
        else { throw SessionsRejection.voucherNotHonoured("it is for another chain, session or executor").error }
        let expected = try checked { () throws(ArithmeticError) in try member.lastNumber.adding(1) }
        guard claim.firstNumber == expected else {
            throw SessionsRejection.numberOutOfOrder(
                session: claim.session, expected: expected, claimed: claim.firstNumber
            ).error
        }
        member.lastNumber = try checked { () throws(ArithmeticError) in try member.lastNumber.adding(claim.count) }
        context.write(member, at: key)
    }

    static func authenticate(_ claim: SessionClaim, in context: ExecutionContext) throws(LedgerError) {
        let session = try SessionsReads.session(claim.session, in: context)
        if context.checkedVouchers.contains(name(of: claim.voucher, under: session.sessionKey)) { return }
        guard let key = PublicKey(compressed: session.sessionKey), claim.voucher.isValid(under: key) else {
            throw SessionsRejection.voucherNotHonoured("the session key did not sign it").error
        }
    }

    /// Checks the voucher signatures of a claim before its block, under the session keys of now, which never change.
    ///
    /// - Returns: the names of those that are valid; none of a claim that is over its bounds.
    static func checkVouchers(
        of message: MsgCommitClaim, in context: ExecutionContext
    ) throws(LedgerError) -> Set<Hash32> {
        let claims = message.entries.flatMap(\.sessions)
        guard claims.count <= context.block.parameters.rounds.sessionsPerClaimMax else { return [] }
        var valid: Set<Hash32> = []
        for claim in claims {
            guard let session = try context.read(SessionRecord.self, at: StateKey.session(claim.session)),
                let key = PublicKey(compressed: session.sessionKey), claim.voucher.isValid(under: key)
            else { continue }
            valid.insert(name(of: claim.voucher, under: session.sessionKey))
        }
        return valid
    }

    /// Names one check of a signature: the key (33 bytes), what is signed (32), the signature.
    static func name(of voucher: Signed<Voucher>, under key: Bytes) -> Hash32 {
        .sha256(key + Voucher.domain.digest(voucher.statement.encoded()).bytes + voucher.signature)
    }

    static func interested(in session: UInt64, _ context: ExecutionContext) throws(LedgerError) -> [Address] {
        let session = try SessionsReads.session(session, in: context)
        return [session.payer] + (session.keyHolder.map { [$0] } ?? [])
    }

    /// Counts the fee as settled at once: at most what voucher and allotment still allow.
    static func reserve(
        _ claim: SessionClaim, for host: Address, in context: inout ExecutionContext
    ) throws(LedgerError) -> Amount {
        let key = StateKey.member(session: claim.session, host: host)
        var member = try context.expect(MemberRecord.self, at: key)
        let ceiling = min(claim.voucher.statement.amount, member.allotment)
        guard ceiling > member.settledFees else { return .zero }
        let fee = try checked { () throws(ArithmeticError) in
            min(claim.fee, try ceiling.subtracting(member.settledFees))
        }
        member.settledFees = try checked { () throws(ArithmeticError) in try member.settledFees.adding(fee) }
        context.write(member, at: key)
        return fee
    }

    static func release(
        _ reserved: Amount, of claim: SessionClaim, by host: Address, in context: inout ExecutionContext
    ) throws(LedgerError) {
        let key = StateKey.member(session: claim.session, host: host)
        var member = try context.expect(MemberRecord.self, at: key)
        member.settledFees = try checked { () throws(ArithmeticError) in try member.settledFees.subtracting(reserved) }
        context.write(member, at: key)
    }

    /// The fee that the claim may have, reduced by what audits found, less the tax.
    static func pay(
        _ claim: SessionClaim, to host: Address, tally: AuditTally, reserved: Amount?,
        in context: inout ExecutionContext
    ) throws(LedgerError) -> SessionPayment {
        let fee = if let reserved { reserved } else { try reserve(claim, for: host, in: &context) }
        let memberKey = StateKey.member(session: claim.session, host: host)
        var session = try SessionsReads.payingSession(claim.session, in: context)
        var member = try context.expect(MemberRecord.self, at: memberKey)
        let pay = try checked { () throws(ArithmeticError) in
            try ServingPay(
                fee: fee, voucher: fee, allotment: fee, tally: tally,
                taxPartsPerMillion: session.servingTaxPartsPerMillion)
        }
        member.received = try checked { () throws(ArithmeticError) in try member.received.adding(pay.payee) }
        session.paid = try checked { () throws(ArithmeticError) in try session.paid.adding(pay.total) }
        context.write(member, at: memberKey)
        context.write(session, at: StateKey.session(claim.session))
        try BankModule.move(pay.payee, from: .deposits, to: .balance(host), in: &context)
        try BankModule.move(pay.tax, from: .deposits, to: .pool, in: &context)
        return SessionPayment(session: claim.session, fee: claim.fee, received: pay.payee, tax: pay.tax)
    }
}
