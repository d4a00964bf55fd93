import Cryptography
import Messages
import OpenAIWire
import Primitives
import ProtocolRules

/// What a voucher says held against what the ledger says: a pure function, in two steps. Whoever passes the first is the
/// session's key holder, and may ask again for an answer that was paid; only who passes both may have a new one.
public struct VoucherCheck: Sendable {
    public let chainID: String
    public let executor: Address
    /// The ledger's height.
    public let height: UInt64
    /// A voucher is taken for as many blocks as a serving round works.
    public let ageMax: UInt64
    public let session: SessionRecord
    public let member: MemberRecord

    public init(
        chainID: String, executor: Address, height: UInt64, ageMax: UInt64, session: SessionRecord, member: MemberRecord
    ) {
        self.chainID = chainID
        self.executor = executor
        self.height = height
        self.ageMax = ageMax
        self.session = session
        self.member = member
    }

    /// Checks that the session's key signed this voucher for this executor; needs no request.
    public func checkSigner(_ signed: Signed<Voucher>) throws(OpenAIError) {
        let voucher = signed.statement
        guard voucher.chainID == chainID else { throw .voucherInvalid("it is for another chain") }
        guard voucher.executor == executor else { throw .voucherInvalid("it is for another executor") }
        guard voucher.session == session.id else { throw .sessionNotFound(voucher.session) }
        guard voucher.sequence > 0 else { throw .voucherInvalid("sequences count from 1") }
        guard let key = PublicKey(compressed: session.sessionKey), signed.isValid(under: key) else {
            throw .voucherSignatureInvalid
        }
    }

    /// Checks that the session's key signed this voucher for this body and this executor.
    public func checkOrigin(_ signed: Signed<Voucher>, requestDigest: Hash32) throws(OpenAIError) {
        try checkSigner(signed)
        guard signed.statement.requestDigest == requestDigest else { throw .voucherDigestMismatch }
    }

    /// Checks that the session takes new work, that the voucher is of this time, and that it stays inside the allotment.
    public func checkTerms(_ voucher: Voucher) throws(OpenAIError) {
        try checkTime(of: voucher)
        guard voucher.amount <= member.servable else {
            throw .allotmentExceeded(voucher.amount, allotment: member.servable)
        }
    }

    /// Checks that the session takes new work and that the voucher is of this time.
    public func checkTime(of voucher: Voucher) throws(OpenAIError) {
        guard session.state == .open else { throw .sessionClosed(session.id) }
        let oldest = height > ageMax ? height - ageMax : 0
        guard voucher.height >= oldest else { throw .voucherTooOld(height: voucher.height, oldest: oldest) }
        let (newest, overflow) = height.addingReportingOverflow(ageMax)
        guard overflow || voucher.height <= newest else { throw .voucherInvalid("its height is still far away") }
    }
}

extension MemberRecord {
    /// What an executor can still be sure to be paid in all: a move of allotment that was ordered will take effect before
    /// the claims of what is served now are settled.
    var servable: Amount { allotment > leaving ? Amount(allotment.ngonka - leaving.ngonka) : .zero }
}
