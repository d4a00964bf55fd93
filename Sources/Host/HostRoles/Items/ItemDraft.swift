import Cryptography
import Messages
import Primitives
import ProtocolRules
import WireFormat

/// A finished answer that has no number yet: everything about an item but its place.
struct ItemDraft: Sendable {
    var reservation: Reservation
    /// Which of the request's choices.
    var choice: UInt32
    var model: String
    var promptDigest: Hash32
    var sampling: SamplingParameters
    var seed: ItemSeed
    var finishReason: FinishReason
    var fee: Amount
    var fingerprintCommitment: Hash32
    var isUnproven: Bool
    var body: Bytes
    var answer: FinishedItem.Answer
    /// Prompt tokens that the engine had from an earlier request.
    var cachedTokens: UInt64
    /// What the receipt says of what the client got.
    var answerDigest: Hash32

    /// The item at its place, with the receipt for it.
    func finished(number: UInt64, round: UInt64, by identity: HostIdentity) -> FinishedItem {
        let voucher = reservation.voucher.statement
        let item = WorkItem(
            kind: .serving, model: model, promptDigest: promptDigest, sampling: sampling, seed: seed.hash,
            outputDigest: TokenDigest.digest(of: answer.outputTokens), promptTokens: UInt64(answer.promptTokens.count),
            cachedTokens: cachedTokens, outputTokens: UInt64(answer.outputTokens.count), finishReason: finishReason,
            fingerprintCommitment: fingerprintCommitment,
            serving: WorkItem.Serving(
                session: voucher.session, number: number, sequence: voucher.sequence,
                voucherDigest: .sha256(voucher.encoded()), requestDigest: voucher.requestDigest, fee: fee,
                choice: choice))
        let receipt = Receipt(
            chainID: identity.chainID, executor: identity.address,
            operatorKey: identity.operatorKey.publicKey.compressed, round: round, item: item,
            answerDigest: answerDigest, isUnproven: isUnproven)
        return FinishedItem(
            receipt: Signed(receipt, by: identity.operatorKey), voucher: reservation.voucher, body: body, answer: answer
        )
    }
}

/// An open request's place in its session's book. Whoever holds it finishes or releases each of its choices.
struct Reservation: Sendable {
    let voucher: Signed<Voucher>
    /// What each choice may cost at most.
    let maximumPerChoice: Amount
}
