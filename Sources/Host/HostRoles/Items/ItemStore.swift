import Cryptography
import DurableFile
import Logging
import Messages
import OpenAIWire
import Primitives
import ProtocolRules

/// Every session's book and the log beneath them: the one place where requests are opened and items get their numbers.
///
/// A finished item is in the log, durably, before its receipt leaves. Items that finish while the disk is busy share its
/// next sync. Runs on a queue of its own, as it waits for the disk.
public actor ItemStore {
    private struct Waiting {
        let item: FinishedItem
        let continuation: CheckedContinuation<Void, any Error>
    }

    private let identity: HostIdentity
    private let limits: Limits
    private let executor = SerialQueueExecutor(label: "item-store")
    private var log: ItemLog
    private var books: [UInt64: SessionBook] = [:]
    private var waiting: [Waiting] = []
    private var isWriting = false
    private var failure: ItemLogError?
    private var endWaiters = EndWaiters()
    /// The round that items finished now belong to; 0 before the ledger was seen.
    private(set) var round: UInt64 = 0

    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Opens the log in `folder`, which must not be open elsewhere, and reads it.
    public init(path: String, identity: HostIdentity, limits: Limits = Limits(), logger: Logger) throws {
        let folder: DiskFolder
        do { folder = try DiskFolder(path: path) } catch let error as DiskFolder.BusyError {
            throw ItemLogError.busy(path: error.path)
        }
        try self.init(folder: folder, identity: identity, limits: limits, logger: logger)
    }

    package init(folder: any LogFolder, identity: HostIdentity, limits: Limits, logger: Logger) throws {
        self.identity = identity
        self.limits = limits
        var replay = ItemReplay(identity: identity)
        log = try ItemLog(folder: folder, logger: logger) { record, position in
            try replay.take(record, at: position)
        }
        books = replay.books
        try log.begin(ItemStore.head(identity, books))
    }

    // MARK: Requests

    /// What a voucher's sequence leads to.
    enum Opening: Sendable {
        case opened(Reservation)
        case running
        /// One item per choice that came to one, ascending by choice.
        case answered([FinishedItem])
    }

    /// What is known of the voucher's sequence; nil where nothing is.
    ///
    /// - Throws: `.voucherSequenceReused`; `.shuttingDown` once the log has failed.
    func standing(of voucher: Voucher) throws(OpenAIError) -> Opening? {
        guard failure == nil else { throw .shuttingDown }
        guard let book = books[voucher.session] else { return nil }
        switch try book.standing(of: voucher) {
        case .unused: return nil
        case .running: return .running
        case .answered(let entries):
            var items: [FinishedItem] = []
            do throws(ItemLogError) { for entry in entries { items.append(try log.item(at: entry.position)) } } catch {
                throw .internalError
            }
            return .answered(items.sorted { ($0.serving?.choice ?? 0) < ($1.serving?.choice ?? 0) })
        }
    }

    /// Opens a request, unless its sequence is known already.
    ///
    /// - Parameter maximumPerChoice: what each of its `choices` may cost.
    func open(
        _ voucher: Signed<Voucher>, maximumPerChoice: Amount, choices: UInt32 = 1, member: MemberRecord
    ) throws(OpenAIError) -> Opening {
        guard round > 0 else { throw .shuttingDown }
        if let standing = try standing(of: voucher.statement) { return standing }
        let session = voucher.statement.session
        var book = books[session] ?? SessionBook(session: session)
        try book.open(voucher, maximumPerChoice: maximumPerChoice, choices: choices, member: member)
        books[session] = book
        return .opened(Reservation(voucher: voucher, maximumPerChoice: maximumPerChoice))
    }

    /// Ends one choice of a request without an item: nothing is owed for it.
    func release(_ reservation: Reservation) {
        let voucher = reservation.voucher.statement
        books[voucher.session]?.release(voucher.sequence)
        resumeWaiters(for: voucher)
    }

    /// Lets those go who wait for a request that has ended.
    private func resumeWaiters(for voucher: Voucher) {
        if case .running = try? standing(of: voucher) { return }
        endWaiters.resumeAll(for: SequenceKey(voucher))
    }

    /// Returns once the request of this sequence has ended, or the calling task is cancelled.
    func waitForEnd(of voucher: Voucher) async {
        let id = endWaiters.newID()
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                guard !Task.isCancelled, case .running = try? standing(of: voucher) else {
                    return continuation.resume()
                }
                endWaiters.add(continuation, id, for: SequenceKey(voucher))
            }
        } onCancel: {
            Task { await stopWaiting(id) }
        }
    }

    private func stopWaiting(_ id: UInt64) { endWaiters.resume(id) }

    /// How many wait for the end of somebody else's request.
    var waitingForEnds: Int { endWaiters.count }

    // MARK: Items

    /// Gives a finished answer its number, signs its receipt, and returns when both survive a loss of power.
    ///
    /// - Throws: `ItemLogError`: the host must stop then.
    func finish(_ draft: ItemDraft) async throws -> FinishedItem {
        let voucher = draft.reservation.voucher.statement
        // In place: a copy that lives through the wait below would have the next item copy all entries.
        guard failure == nil, let number = books[voucher.session]?.charge(voucher.sequence, fee: draft.fee) else {
            release(draft.reservation)
            throw failure ?? .notBegun
        }
        let item = draft.finished(number: number, round: round, by: identity)
        try await withCheckedThrowingContinuation { continuation in
            waiting.append(Waiting(item: item, continuation: continuation))
            guard !isWriting else { return }
            isWriting = true
            Task { await writeGroups() }
        }
        return item
    }

    private func writeGroups() async {
        while !waiting.isEmpty {
            writeGroup()
            // What finished during the sync joins the next group.
            await Task.yield()
        }
        isWriting = false
    }

    private func writeGroup() {
        let group = Array(waiting.prefix(limits.groupItemsMax))
        waiting.removeFirst(group.count)
        do throws(ItemLogError) {
            try write(group.map(\.item))
            for item in group { item.continuation.resume() }
        } catch {
            fail(group, error)
        }
    }

    /// Nothing is written any more, so nobody is to wait for anything.
    private func fail(_ group: [Waiting], _ error: ItemLogError) {
        failure = error
        for item in group + waiting { item.continuation.resume(throwing: error) }
        waiting = []
        endWaiters.resumeEverybody()
    }

    private func write(_ items: [FinishedItem]) throws(ItemLogError) {
        if let failure { throw failure }
        let vouchers = heldVouchers(beyond: items)
        let positions = try log.append(items.map { .item($0) } + vouchers.map { .voucher($0) })
        for (item, position) in zip(items, positions) {
            guard let entry = SessionBook.Entry(item, at: position) else { continue }
            let voucher = item.voucher.statement
            books[voucher.session]?.record(entry)
            books[voucher.session]?.logged(voucher.amount)
            if books[voucher.session]?.settle(voucher.sequence) == true {
                endWaiters.resumeAll(for: SequenceKey(voucher))
            }
        }
        for voucher in vouchers { books[voucher.statement.session]?.logged(voucher.statement.amount) }
    }

    /// The sessions' vouchers that neither the log nor these items hold: with requests side by side, the voucher that covers an
    /// item may be another one's.
    private func heldVouchers(beyond items: [FinishedItem]) -> [Signed<Voucher>] {
        var logged: [UInt64: Amount] = [:]
        for item in items {
            let voucher = item.voucher.statement
            logged[voucher.session] = max(logged[voucher.session] ?? .zero, voucher.amount)
        }
        return logged.sorted { $0.key < $1.key }.compactMap { session, amount in
            guard let book = books[session], let voucher = book.voucher else { return nil }
            return voucher.statement.amount > max(amount, book.loggedAmount) ? voucher : nil
        }
    }

    // MARK: Rounds and claims

    /// What finishes from now on belongs to `round`. A new round begins a new file.
    ///
    /// Items that wait for the disk are written first: the books count them already, so a head that came before them would
    /// count their fees and numbers a second time, or, after a crash, numbers that no item has.
    public func enter(round: UInt64) throws(ItemLogError) {
        if let failure { throw failure }
        guard round > self.round else { return }
        while !waiting.isEmpty { writeGroup() }
        if let failure { throw failure }
        self.round = round
        guard log.currentHoldsItems else { return }
        do throws(ItemLogError) { try log.begin(ItemStore.head(identity, books)) } catch {
            failure = error
            throw error
        }
    }

    /// The sessions with items that no accepted claim holds, made up to `round`; ascending.
    func unclaimed(through round: UInt64) -> [UInt64] {
        books.values.filter { !$0.unclaimed(through: round).isEmpty }.map(\.session).sorted()
    }

    /// What `session` has to claim after `lastNumber`, the last number that the ledger knows of.
    func claimable(_ session: UInt64, after lastNumber: UInt64, through round: UInt64) -> ClaimableSession? {
        books[session]?.claimed(through: lastNumber)
        guard let book = books[session], let voucher = book.voucher else { return nil }
        let entries = book.unclaimed(through: round)
        guard let first = entries.first, first.number == lastNumber + 1 else { return nil }
        return ClaimableSession(
            session: session, model: first.model, firstNumber: first.number, voucher: voucher,
            leaves: entries.map(\.leaf))
    }

    /// A claim with these items was accepted.
    func claimed(_ session: UInt64, through number: UInt64) { books[session]?.claimed(through: number) }

    /// The last number in any claim that was accepted, as far as this host has seen.
    func claimedThrough(_ session: UInt64) -> UInt64 { books[session]?.claimedThrough ?? 0 }

    /// The leaves of these items, or nil where one of them is not kept any more.
    func leaves(_ session: UInt64, first: UInt64, count: UInt64) -> [SumTreeNode]? {
        books[session]?.entries(first: first, count: count)?.map(\.leaf)
    }

    /// One item, or nil where it is not kept.
    public func item(_ session: UInt64, number: UInt64) throws(ItemLogError) -> FinishedItem? {
        guard let entry = books[session]?.entry(number) else { return nil }
        return try log.item(at: entry.position)
    }

    /// Drops request and answer of items whose claim is settled; what proves them stays.
    func strip(_ session: UInt64, first: UInt64, count: UInt64) throws(ItemLogError) {
        if let failure { throw failure }
        let whole = (books[session]?.entries(first: first, count: count) ?? []).filter { !$0.isProofOnly }
        guard !whole.isEmpty else { return }
        var records: [ItemLogRecord] = []
        for entry in whole { records.append(.proof(try log.item(at: entry.position).proofOnly)) }
        let positions: [ItemLog.Position]
        do throws(ItemLogError) { positions = try log.append(records) } catch {
            failure = error
            throw error
        }
        for (entry, position) in zip(whole, positions) {
            var stripped = entry
            stripped.position = position
            books[session]?.strip(stripped)
        }
        try removeUnneeded()
    }

    private func removeUnneeded() throws(ItemLogError) {
        try log.removeAll(except: Set(books.values.flatMap { $0.entries.map(\.position.segment) }))
    }

    /// Drops each session's items before the number given for it, sessions that keep nothing and are over, and the files
    /// that nothing is kept of.
    func forget(before firstKept: [UInt64: UInt64], closed: Set<UInt64>) throws(ItemLogError) {
        for (session, number) in firstKept { books[session]?.forget(before: number) }
        for session in closed where books[session]?.isIdle == true { books[session] = nil }
        try removeUnneeded()
    }

    /// Sessions that have a book; ascending.
    var sessions: [UInt64] { books.keys.sorted() }

    /// Throws what made the log unusable.
    public func checkUsable() throws(ItemLogError) { if let failure { throw failure } }

    private static func head(_ identity: HostIdentity, _ books: [UInt64: SessionBook]) -> SegmentHead {
        SegmentHead(
            chainID: identity.chainID, host: identity.address,
            balances: books.values.map(\.balance).sorted { $0.session < $1.session })
    }
}
