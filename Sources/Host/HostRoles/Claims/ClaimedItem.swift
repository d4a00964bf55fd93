import Messages
import Primitives
import ProtocolRules

/// A claimed item with all that its auditors ask for and all that its opening shows, whatever kind of work it is.
struct ClaimedItem: Equatable, Sendable {
    let item: WorkItem
    let outputTokens: [TokenID]
    let fingerprint: Bytes
    let salt: Bytes
    /// The request as received; empty for synthetic work.
    let body: Bytes
    let voucher: Signed<Voucher>?

    init(_ item: FinishedItem) {
        self.item = item.item
        (outputTokens, fingerprint, salt) = (item.answer.outputTokens, item.answer.fingerprint, item.answer.salt)
        (body, voucher) = (item.body, item.voucher)
    }

    init(_ item: SprintItem) {
        self.item = item.item
        (outputTokens, fingerprint, salt) = (item.outputTokens, item.fingerprint, item.salt)
        (body, voucher) = ([], nil)
    }

    /// What an auditor gets: everything but what would let it guess the fingerprint.
    func payload(proof: SumTreeProof) -> AuditPayload {
        AuditPayload(
            item: item, proof: proof, outputTokens: outputTokens.map(UInt64.init), body: body, voucher: voucher)
    }

    /// What everybody gets in the open window.
    var opened: OpenedItem { OpenedItem(item: item, fingerprint: fingerprint, salt: salt) }
}
