import Cryptography
import Messages
import Primitives
import ProtocolRules
import WireFormat

/// A request that both witnesses saw unanswered, and the same way; not reported yet.
struct AgreedMiss: Sendable {
    let voucher: Signed<Voucher>
    let model: String
    /// By the witnesses in the order of their draw.
    let statements: [Signed<MissStatement>]
    let reason: MissReason
    /// The serving round of the voucher's height, once it was looked up.
    var round: RoundRecord?
    /// How often a report was sent of which nobody knows what became of it, or for which a block had no room.
    var sends = 0

    /// - Parameters:
    ///   - statements: as they came.
    ///   - witnesses: those who were asked, in the order of the draw.
    /// - Returns: nil unless every witness signed, of this request, and all say the same.
    init?(
        _ voucher: Signed<Voucher>, model: String, statements: [Signed<MissStatement>], witnesses: [OpenSession.Seat]
    ) {
        guard statements.count == witnesses.count, let reason = statements.first?.statement.reason else { return nil }
        for (signed, witness) in zip(statements, witnesses) {
            let expected = MissStatement(
                chainID: voucher.statement.chainID, witness: witness.host,
                voucherDigest: .sha256(voucher.statement.encoded()), reason: reason)
            guard signed.statement == expected, signed.isValid(under: witness.operatorKey) else { return nil }
        }
        (self.voucher, self.model, self.statements, self.reason) = (voucher, model, statements, reason)
    }

    var executor: Address { voucher.statement.executor }
    var session: UInt64 { voucher.statement.session }

    func report(by reporter: Address, round: UInt64) -> MsgReportMiss {
        MsgReportMiss(reporter: reporter, round: round, voucher: voucher, statements: statements)
    }
}
