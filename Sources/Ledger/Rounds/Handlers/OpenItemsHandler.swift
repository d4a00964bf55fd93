import Cryptography
import Messages
import Primitives
import ProtocolRules
import StateStore
import WireFormat

/// Takes a claimant's sampled items with what their commitments hide. Everything that can be said of an item without its model is
/// checked here; an item that fails is as good as not opened.
enum OpenItemsHandler: MessageHandler {
    static func apply(_ message: MsgOpenItems, in context: inout ExecutionContext) throws(LedgerError) {
        let key = StateKey.claim(round: message.round, host: message.host)
        guard let claim = try context.read(ClaimRecord.self, at: key), claim.state == .committed else {
            throw RoundsRejection.noOpenClaim(round: message.round, host: message.host).error
        }
        let audits = try ClaimAudit(claim, in: &context)
        let window = audits.timetable.window(.open)
        guard window.contains(context.block.height) else {
            throw RoundsRejection.outsideWindow(
                round: message.round, window: window, height: context.block.height
            ).error
        }
        guard !message.entries.isEmpty,
            zip(message.entries, message.entries.dropFirst()).allSatisfy({ $0.entry < $1.entry })
        else { throw RoundsRejection.invalidOpening("no entries, or not ascending").error }
        for opened in message.entries { try open(opened, in: audits, &context) }
        context.emit("items_opened", ("round", "\(message.round)"), ("host", message.host.bech32))
    }

    private static func open(
        _ opened: OpenedEntry, in audits: ClaimAudit, _ context: inout ExecutionContext
    ) throws(LedgerError) {
        guard opened.entry < UInt64(audits.entries.count), let entry = audits.entries[Int(opened.entry)] else {
            throw RoundsRejection.invalidOpening("the claim has no such entry under audit").error
        }
        let checks = ItemChecks(audits: audits, entry: entry)
        let intervals = try checks.intervals(of: opened)
        for (place, item) in opened.items.enumerated() {
            try checks.check(item, opened.proof.indices[place], intervals[place])
        }
        for number in 0..<entry.audit.sampleCount {
            let point = entry.audit.point(number)
            guard let place = intervals.firstIndex(where: { $0.contains(point, by: entry.audit.measure) }) else {
                continue
            }
            let sample = SampleName(
                round: audits.claim.round, claimant: audits.claim.host, entry: opened.entry, number: number)
            let key = StateKey.openedItem(sample)
            guard context.state.value(for: key) == nil else { throw RoundsRejection.openedAlready(sample).error }
            context.write(
                OpenedItemRecord(
                    index: opened.proof.indices[place], outputTokens: opened.items[place].item.outputTokens,
                    fingerprint: opened.items[place].fingerprint, fee: opened.items[place].item.fee),
                at: key)
        }
    }
}

/// What must be true of an opened item of one entry.
private struct ItemChecks {
    let audits: ClaimAudit
    let entry: ClaimAudit.Entry

    /// Where each opened leaf lies.
    func intervals(of opened: OpenedEntry) throws(LedgerError) -> [SumTreeInterval] {
        let leaves = opened.items.map { opened in
            SumTreeNode(
                item: opened.item.encoded(), sums: ItemSums(fee: opened.item.fee, tokens: opened.item.outputTokens))
        }
        do throws(SumTreeProofError) {
            return try opened.proof.verify(leaves, in: entry.claimed.treeClaim)
        } catch {
            throw RoundsRejection.invalidOpening("the proof does not hold: \(error)").error
        }
    }

    func check(_ opened: OpenedItem, _ index: UInt64, _ interval: SumTreeInterval) throws(LedgerError) {
        let item = opened.item
        guard let fingerprint = Fingerprint(bytes: opened.fingerprint),
            fingerprint.values.count == 2 * Int(min(UInt64(FingerprintPositions.maximumCount), item.outputTokens)),
            fingerprint.commitment(salt: opened.salt) == item.fingerprintCommitment
        else { throw RoundsRejection.invalidOpening("item \(index) does not commit to this fingerprint").error }
        guard item.model == entry.claimed.model, item.kind == audits.round.timetable.kind else {
            throw RoundsRejection.invalidOpening("item \(index) is of another model or kind").error
        }
        if let workSeed = audits.round.workSeed {
            try checkSynthetic(item, index, workSeed)
        } else {
            try checkServing(item, index, interval)
        }
    }

    private func checkSynthetic(_ item: WorkItem, _ index: UInt64, _ workSeed: Hash32) throws(LedgerError) {
        let terms = audits.round.terms
        let work = SprintWork(
            workSeed: workSeed, host: audits.claim.host, model: item.model, promptTokens: terms.promptTokens,
            outputTokens: terms.outputTokens)
        guard item.serving == nil, item.seed == work.itemSeed(index).hash, item.sampling == SprintWork.sampling,
            item.promptTokens == terms.promptTokens, item.outputTokens == terms.outputTokens,
            item.finishReason == .length
        else { throw RoundsRejection.invalidOpening("item \(index) is not the work that was asked for").error }
    }

    /// The leaf's place says whose item it must be, and its fee must lie in what its session is claimed to pay.
    private func checkServing(_ item: WorkItem, _ index: UInt64, _ interval: SumTreeInterval) throws(LedgerError) {
        guard let place = entry.claimed.place(of: index), let serving = item.serving,
            serving.session == place.session, serving.number == place.number
        else { throw RoundsRejection.invalidOpening("item \(index) is not at its session's and number's place").error }
        var before = Amount.zero
        for part in entry.claimed.sessions {
            let end = try checked { () throws(ArithmeticError) in try before.adding(part.fee) }
            if part.session == place.session {
                let last = try checked { () throws(ArithmeticError) in try interval.before.fee.adding(item.fee) }
                guard interval.before.fee >= before, last <= end else { break }
                return
            }
            before = end
        }
        throw RoundsRejection.invalidOpening("item \(index) is not among the fees of its session").error
    }
}
