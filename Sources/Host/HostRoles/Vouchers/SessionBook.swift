import Messages
import OpenAIWire
import Primitives
import ProtocolRules

/// What an executor knows of one session: the voucher for the most, what it is owed, which requests are open and which are
/// answered. A state machine without clock, disk or keys.
///
/// The promise that it keeps to: the fees of all receipts and the maxima of all open requests are never more than what the
/// session's key has signed for, and never more than the allotment.
struct SessionBook: Sendable {
    /// A request that is being answered.
    private struct OpenRequest {
        let digest: Hash32
        /// What each of its choices may cost.
        let maximumPerChoice: Amount
        /// Choices that neither have an item in the log nor came to nothing.
        var choicesLeft: UInt32
    }

    /// Where a finished item lies, in the log and in its claim's tree.
    struct Entry: Sendable {
        let number: UInt64
        let sequence: UInt64
        let requestDigest: Hash32
        let model: String
        let round: UInt64
        let leaf: SumTreeNode
        var position: ItemLog.Position
        /// Whether request and answer are gone: the item's claim is settled.
        var isProofOnly = false
    }

    /// What a sequence stands for.
    enum Standing: Sendable {
        case unused
        case running
        /// One item per choice that came to one, ascending by number.
        case answered([Entry])
    }

    let session: UInt64
    /// The fees of all receipts ever issued.
    private(set) var owed = Amount.zero
    /// The last number given to an item; numbers count from 1.
    private(set) var lastNumber: UInt64 = 0
    /// The voucher for the most.
    private(set) var voucher: Signed<Voucher>?
    /// What the vouchers in the log go up to.
    private(set) var loggedAmount = Amount.zero
    /// The last item of an accepted claim, as far as this host has seen.
    private(set) var claimedThrough: UInt64 = 0
    /// Finished items that are still kept, ascending by number.
    private(set) var entries: [Entry] = []

    private var open: [UInt64: OpenRequest] = [:]
    /// Maxima of the open requests.
    private var reserved = Amount.zero
    private var answered: [UInt64: [UInt64]] = [:]

    init(session: UInt64) { self.session = session }

    /// Nothing of it needs to be kept.
    var isIdle: Bool { entries.isEmpty && open.isEmpty }

    var balance: SessionBalance {
        SessionBalance(session: session, lastNumber: lastNumber, owed: owed, voucher: voucher)
    }

    /// What is known of a voucher's sequence.
    ///
    /// - Throws: `.voucherSequenceReused` where it came with another body.
    func standing(of voucher: Voucher) throws(OpenAIError) -> Standing {
        let standing: (Standing, Hash32)
        if let request = open[voucher.sequence] {
            standing = (.running, request.digest)
        } else if let numbers = answered[voucher.sequence], let first = numbers.first.flatMap({ entry($0) }) {
            standing = (.answered(numbers.compactMap { entry($0) }), first.requestDigest)
        } else {
            return .unused
        }
        guard standing.1 == voucher.requestDigest else { throw .voucherSequenceReused(voucher.sequence) }
        return standing.0
    }

    /// Opens a request of which each choice costs at most `maximumPerChoice`.
    ///
    /// The voucher for the most counts, as requests sent side by side may arrive in any order.
    ///
    /// - Throws: `.voucherAmountTooLow` or `.allotmentExceeded`.
    mutating func open(
        _ signed: Signed<Voucher>, maximumPerChoice: Amount, choices: UInt32 = 1, member: MemberRecord
    ) throws(OpenAIError) {
        takeOver(member)
        let statement = signed.statement
        guard let maximum = try? Amount(maximumPerChoice.ngonka.multiplied(by: UInt64(choices))),
            let promised = try? reserved.adding(maximum), let needed = try? promised.adding(owed)
        else {
            throw .allotmentExceeded(statement.amount, allotment: member.servable)
        }
        let covered = max(statement.amount, voucher?.statement.amount ?? .zero)
        guard covered >= needed else { throw .voucherAmountTooLow(statement.amount, needed: needed) }
        guard needed <= member.servable else { throw .allotmentExceeded(needed, allotment: member.servable) }
        hold(signed)
        open[statement.sequence] = OpenRequest(
            digest: statement.requestDigest, maximumPerChoice: maximumPerChoice, choicesLeft: choices)
        reserved = promised
    }

    /// Gives up one choice of an open request: nothing is owed for it. Where no choice came to an item, the sequence may
    /// come again.
    mutating func release(_ sequence: UInt64) {
        guard let request = open[sequence] else { return }
        reserved = (try? reserved.subtracting(request.maximumPerChoice)) ?? .zero
        settle(sequence)
    }

    /// Turns a choice's maximum into its item's fee, and gives the item its number. The request stays open until all its
    /// items are durable: nothing is answered from store before.
    mutating func charge(_ sequence: UInt64, fee: Amount) -> UInt64 {
        if let request = open[sequence] {
            reserved = (try? reserved.subtracting(request.maximumPerChoice)) ?? .zero
        }
        owe(fee)
        lastNumber += 1
        return lastNumber
    }

    /// A choice whose maximum is not reserved any more has ended. Returns whether the request has.
    @discardableResult mutating func settle(_ sequence: UInt64) -> Bool {
        guard let left = open[sequence]?.choicesLeft else { return true }
        guard left > 1 else {
            open[sequence] = nil
            return true
        }
        open[sequence]?.choicesLeft = left - 1
        return false
    }

    /// Counts an item's fee as owed. Fees never exceed maxima, and their sum was checked before, so it fits.
    mutating func owe(_ fee: Amount) { owed = (try? owed.adding(fee)) ?? owed }

    /// Takes in an item that is durable.
    mutating func record(_ entry: Entry) {
        entries.append(entry)
        answered[entry.sequence, default: []].append(entry.number)
        lastNumber = max(lastNumber, entry.number)
    }

    /// Only the proof of an item is left, where `entry` says; its sequence is too old by then to come again.
    mutating func strip(_ entry: Entry) {
        var stripped = entry
        stripped.isProofOnly = true
        answered[entry.sequence] = nil
        lastNumber = max(lastNumber, entry.number)
        let index = index(of: entry.number)
        if index < entries.count, entries[index].number == entry.number {
            entries[index] = stripped
        } else {
            entries.insert(stripped, at: index)
        }
    }

    /// Keeps `signed` if it is the voucher for the most so far.
    mutating func hold(_ signed: Signed<Voucher>) {
        guard let voucher, voucher.statement.amount >= signed.statement.amount else {
            self.voucher = signed
            return
        }
    }

    /// A voucher of this amount is in the log.
    mutating func logged(_ amount: Amount) { loggedAmount = max(loggedAmount, amount) }

    /// Goes on from what an older file of the log said.
    mutating func restore(_ balance: SessionBalance) {
        (lastNumber, owed) = (balance.lastNumber, balance.owed)
        guard let voucher = balance.voucher else { return }
        hold(voucher)
        logged(voucher.statement.amount)
    }

    /// A host whose log is lost goes on after what the ledger knows of.
    private mutating func takeOver(_ member: MemberRecord) {
        claimed(through: member.lastNumber)
        lastNumber = max(lastNumber, member.lastNumber)
        owed = max(owed, member.settledFees)
    }

    mutating func claimed(through number: UInt64) { claimedThrough = max(claimedThrough, number) }

    /// Forgets the items before `number`.
    mutating func forget(before number: UInt64) {
        let kept = index(of: number)
        for entry in entries[..<kept] { answered[entry.sequence] = nil }
        entries.removeFirst(kept)
    }

    func entry(_ number: UInt64) -> Entry? { entries(first: number, count: 1)?.first }

    /// The items with these numbers, or nil where one of them is not kept.
    func entries(first: UInt64, count: UInt64) -> ArraySlice<Entry>? {
        let start = index(of: first)
        guard count > 0, count <= UInt64(entries.count - start) else { return nil }
        let found = entries[start..<(start + Int(count))]
        // A host that lost its log goes on with higher numbers, so there may be a gap.
        guard found.first?.number == first, found.last?.number == first + (count - 1) else { return nil }
        return found
    }

    /// Items that no accepted claim holds, made up to `round`.
    func unclaimed(through round: UInt64) -> ArraySlice<Entry> {
        entries[index(of: claimedThrough + 1)...].prefix { $0.round <= round }
    }

    /// The index of the first item whose number is at least `number`.
    private func index(of number: UInt64) -> Int {
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].number < number { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
