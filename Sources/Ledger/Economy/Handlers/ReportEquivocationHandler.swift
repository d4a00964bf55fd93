import Cryptography
import Messages
import Primitives
import ProtocolRules
import StateStore
import WireFormat

/// Slashes an executor that signed two different things for one place (session, number), or claimed something else there than it
/// signed for.
enum ReportEquivocationHandler: MessageHandler {
    static func apply(_ message: MsgReportEquivocation, in context: inout ExecutionContext) throws(LedgerError) {
        try Reports.take(in: &context)
        let receipt = message.receipt.statement
        guard let serving = receipt.item.serving else {
            throw EconomyRejection.invalidEvidence("the receipt is for work that nobody asked for").error
        }
        let executor = receipt.executor
        let key = StateKey.equivocation(session: serving.session, executor: executor, number: serving.number)
        guard context.state.value(for: key) == nil else { throw EconomyRejection.reportedAlready.error }
        // Also one that has left: what it put down waits as long as receipts can be reported.
        guard try HostsReads.host(executor, in: context) != nil else { throw HostsRejection.notAHost(executor).error }
        switch (message.otherReceipt, message.leaf) {
        case (let other?, nil):
            try checkDiffers(receipt, other.statement, serving)
            try checkSigned(other, by: executor, in: context)
        case (nil, let leaf?): try checkDiffers(receipt, leaf, serving, in: context)
        default: throw EconomyRejection.invalidEvidence("a receipt or a leaf is held against it, one of the two").error
        }
        try checkSigned(message.receipt, by: executor, in: context)
        let slashed = try Conviction.slash(executor, in: &context)
        context.write(
            EquivocationRecord(
                session: serving.session, executor: executor, number: serving.number, height: context.block.height,
                slashed: slashed),
            at: key)
        context.emit(
            "equivocation_punished", ("host", executor.bech32), ("session", "\(serving.session)"),
            ("number", "\(serving.number)"), ("slashed", slashed.description))
    }

    /// A receipt may be written again, in another round or with another key, but never for something else.
    private static func checkDiffers(
        _ receipt: Receipt, _ other: Receipt, _ serving: WorkItem.Serving
    ) throws(LedgerError) {
        guard other.executor == receipt.executor, let place = other.item.serving, place.session == serving.session,
            place.number == serving.number
        else { throw EconomyRejection.invalidEvidence("the two are for different places").error }
        guard other.item != receipt.item || other.answerDigest != receipt.answerDigest else {
            throw EconomyRejection.invalidEvidence("the two say the same").error
        }
    }

    private static func checkDiffers(
        _ receipt: Receipt, _ leaf: ClaimedLeaf, _ serving: WorkItem.Serving, in context: ExecutionContext
    ) throws(LedgerError) {
        let claimKey = StateKey.claim(round: leaf.round, host: receipt.executor)
        guard let claim = try context.read(ClaimRecord.self, at: claimKey), leaf.entry < UInt64(claim.entries.count)
        else { throw EconomyRejection.invalidEvidence("there is no such claim").error }
        let entry = claim.entries[Int(leaf.entry)]
        guard let place = entry.place(of: leaf.proof.index), place.session == serving.session,
            place.number == serving.number
        else { throw EconomyRejection.invalidEvidence("the leaf is at another place").error }
        guard leaf.item != receipt.item else {
            throw EconomyRejection.invalidEvidence("receipt and leaf say the same").error
        }
        let node = SumTreeNode(
            item: leaf.item.encoded(), sums: ItemSums(fee: leaf.item.fee, tokens: leaf.item.outputTokens))
        do throws(SumTreeProofError) {
            _ = try leaf.proof.verify(node, in: entry.treeClaim)
        } catch {
            throw EconomyRejection.invalidEvidence("the proof does not hold: \(error)").error
        }
    }

    /// Signed with a key that was the host's while the receipt's round was at work, not longer ago than collateral waits.
    private static func checkSigned(
        _ signed: Signed<Receipt>, by host: Address, in context: ExecutionContext
    ) throws(LedgerError) {
        let receipt = signed.statement
        guard receipt.chainID == context.block.chainID else {
            throw EconomyRejection.invalidEvidence("a receipt is of another chain").error
        }
        let round = try RoundsReads.round(receipt.round, in: context)
        let epoch = context.block.parameters.epochSchedule.index(at: context.block.height)
        guard round.timetable.kind == .serving, round.epoch + 1 >= epoch else {
            throw EconomyRejection.tooLate("round \(receipt.round) is no serving round of this epoch or the last").error
        }
        let window = round.timetable.window(.work)
        guard
            let known = try context.read(
                OperatorKeyRecord.self, at: StateKey.operatorKey(host, key: receipt.operatorKey)),
            known.fromHeight <= window.upperBound, known.untilHeight == 0 || known.untilHeight >= window.lowerBound,
            let key = PublicKey(compressed: receipt.operatorKey), signed.isValid(under: key)
        else {
            throw EconomyRejection.invalidEvidence("no key of the host signed the receipt of round \(round.id)").error
        }
    }
}
