import Cryptography
import Messages
import OpenAIWire
import Primitives
import ProtocolRules
import WireFormat

/// Holds an executor's receipt against the request that it was engaged for: a pure function.
///
/// What it cannot know without the model, whether the tokens are the model's, is what audits and `gonka verify` are for.
struct ReceiptCheck: Sendable {
    let engagement: Engagement

    /// The most that one of the request's choices may cost.
    var maximumPerChoice: Amount {
        Amount(engagement.promise.maximum.ngonka / UInt64(max(1, engagement.terms.choices)))
    }

    /// The item of one choice, whose fee is what is due for it.
    ///
    /// - Parameters:
    ///   - gonka: the field `gonka` of the answer or of the chunk that ends the choice.
    ///   - answer: SHA-256 of the text that came for this choice.
    func item(_ gonka: JSONValue?, choice: UInt32, answer: Hash32) throws(ReceiptFault) -> WorkItem {
        let signed = try Self.parse(gonka)
        guard signed.statement.operatorKey == engagement.operatorKey.compressed else { throw .foreignOperatorKey }
        guard signed.isValid(under: engagement.operatorKey) else { throw .signature }
        try check(signed.statement, answer: answer)
        try check(signed.statement.item, choice: choice)
        try checkFee(of: signed.statement.item)
        return signed.statement.item
    }

    private static func parse(_ gonka: JSONValue?) throws(ReceiptFault) -> Signed<Receipt> {
        guard let text = gonka?["receipt"]?.string else { throw .missing }
        guard let bytes = Base64.decode(text, .urlSafe) else { throw .undecodable }
        do throws(WireError) { return try Signed<Receipt>.decode(bytes) } catch { throw .undecodable }
    }

    private func check(_ receipt: Receipt, answer: Hash32) throws(ReceiptFault) {
        let voucher = engagement.voucher.statement
        guard receipt.chainID == voucher.chainID else { throw .chain }
        guard receipt.executor == voucher.executor else { throw .executor }
        guard receipt.answerDigest == answer else { throw .answer }
        guard receipt.isUnproven == engagement.terms.isUnproven else { throw .unproven }
    }

    private func check(_ item: WorkItem, choice: UInt32) throws(ReceiptFault) {
        let voucher = engagement.voucher.statement
        guard item.kind == .serving, let serving = item.serving else { throw .kind }
        guard item.model == engagement.terms.model else { throw .model }
        guard serving.session == voucher.session else { throw .session }
        guard serving.number > 0 else { throw .number }
        guard serving.sequence == voucher.sequence else { throw .sequence }
        guard serving.voucherDigest == Hash32.sha256(voucher.encoded()) else { throw .voucher }
        guard serving.requestDigest == voucher.requestDigest else { throw .request }
        guard serving.choice == choice else { throw .choice }
        guard item.sampling == engagement.terms.sampling else { throw .sampling }
        let seed = ItemSeed(
            clientSeed: engagement.terms.seed, promptDigest: item.promptDigest, session: voucher.session,
            executor: voucher.executor, sequence: voucher.sequence, choice: choice)
        guard item.seed == seed.hash else { throw .seed }
    }

    private func checkFee(of item: WorkItem) throws(ReceiptFault) {
        // Sums of them are counted and shown: no request comes near these.
        guard item.promptTokens <= Limits.itemTokensMax, item.outputTokens <= Limits.itemTokensMax else {
            throw .tokens
        }
        guard item.fee <= maximumPerChoice else { throw .overMaximum(item.fee, maximum: maximumPerChoice) }
        let due: Amount
        do {
            due = try Charge.fee(engagement.terms.prices, usage: TokenUsage(item), maximum: maximumPerChoice)
        } catch {
            throw .tokens
        }
        guard item.fee == due else { throw .fee(item.fee, due: due) }
    }
}

extension TokenUsage {
    /// What an item says that it took.
    init(_ item: WorkItem) {
        self.init(prompt: item.promptTokens, cached: item.cachedTokens, output: item.outputTokens)
    }
}

/// What is wrong with a receipt. It is the host's fault.
enum ReceiptFault: Error, Equatable, Sendable {
    case missing
    case undecodable
    case foreignOperatorKey
    case signature
    case chain
    case executor
    /// It stands for another text than the one that came.
    case answer
    case unproven
    case kind
    case model
    case session
    case number
    case sequence
    case voucher
    case request
    case choice
    /// The tokens were drawn otherwise than the request says.
    case sampling
    case seed
    /// More cached tokens than prompt tokens.
    case tokens
    case overMaximum(Amount, maximum: Amount)
    case fee(Amount, due: Amount)
    /// Two receipts for one choice.
    case twice
}
