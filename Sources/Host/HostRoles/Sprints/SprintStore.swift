import DurableFile
import Logging
import Messages
import Primitives
import ProtocolRules

/// The items of sprints and confirmations, durable until their claims are settled: what is claimed, opened and shown to
/// auditors.
///
/// Items that finish between two looks at the ledger share one write. What a crash takes was never claimed and is made again.
/// Runs on a queue of its own, as it waits for the disk.
public actor SprintStore {
    private struct Key: Hashable {
        let round: UInt64
        let model: String
    }

    /// What is kept in memory of one item.
    private struct Kept {
        let leaf: SumTreeNode
        /// Where it lies in the round's file; nil as long as it waits for the disk.
        var offset: UInt64?
    }

    private let executor = SerialQueueExecutor(label: "sprint-store")
    private let limits: Limits
    private var log: RoundLog<SprintItem>
    private var kept: [Key: [UInt64: Kept]] = [:]
    private var waiting: [UInt64: [SprintItem]] = [:]
    private var failure: ItemLogError?

    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Opens the log in `folder`, which must not be open elsewhere, and reads it.
    public init(path: String, identity: HostIdentity, limits: Limits = Limits(), logger: Logger) throws {
        let folder: DiskFolder
        do { folder = try DiskFolder(path: path) } catch let error as DiskFolder.BusyError {
            throw ItemLogError.busy(path: error.path)
        }
        try self.init(folder: folder, identity: identity, limits: limits, logger: logger)
    }

    package init(folder: any LogFolder, identity: HostIdentity, limits: Limits = Limits(), logger: Logger) throws {
        self.limits = limits
        var kept: [Key: [UInt64: Kept]] = [:]
        log = try RoundLog(
            folder: folder, magic: "gonkaspr", suffix: ".sprint", identity: identity, logger: logger
        ) { round, item, offset in
            let key = Key(round: round, model: item.item.model)
            kept[key, default: [:]][item.index] = Kept(leaf: item.leaf, offset: offset)
        }
        self.kept = kept
    }

    /// Takes a finished item; it is durable after the next `flush`. One that is there already stays as it is.
    func add(_ item: SprintItem, round: UInt64) throws(ItemLogError) {
        if let failure { throw failure }
        let key = Key(round: round, model: item.item.model)
        guard kept[key]?[item.index] == nil else { return }
        kept[key, default: [:]][item.index] = Kept(leaf: item.leaf, offset: nil)
        waiting[round, default: []].append(item)
        if waiting[round, default: []].count >= limits.groupItemsMax { try flush() }
    }

    /// Returns when everything that was added survives a loss of power.
    public func flush() throws(ItemLogError) {
        if let failure { throw failure }
        for (round, items) in waiting {
            let offsets: [UInt64]
            do throws(ItemLogError) { offsets = try log.append(items, round: round) } catch {
                failure = error
                throw error
            }
            waiting[round] = nil
            for (item, offset) in zip(items, offsets) {
                kept[Key(round: round, model: item.item.model)]?[item.index]?.offset = offset
            }
        }
    }

    /// The indices of a model's items.
    func indices(round: UInt64, model: String) -> [UInt64] {
        kept[Key(round: round, model: model)].map { Array($0.keys) } ?? []
    }

    /// What can be claimed: of each model the longest prefix without gaps; ascending by the model id's bytes.
    ///
    /// - Throws: `ItemLogError`; `ArithmeticError` where a sum needs more than 64 bits.
    func entries(of round: UInt64) throws -> [ClaimEntry] {
        try flush()
        let models = kept.keys.filter { $0.round == round }.map(\.model)
        return try models.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.compactMap { model in
            let claim = try SumTree(prefix(round, model)).claim
            guard claim.count > 0 else { return nil }
            return ClaimEntry(
                model: model, root: claim.root, count: claim.count, tokens: claim.sums.tokens, fee: .zero, sessions: [])
        }
    }

    /// The first `count` leaves, or nil where one of them is missing.
    func leaves(round: UInt64, model: String, count: UInt64) -> [SumTreeNode]? {
        let leaves = prefix(round, model, max: count)
        return UInt64(leaves.count) == count ? leaves : nil
    }

    private func prefix(_ round: UInt64, _ model: String, max: UInt64 = .max) -> [SumTreeNode] {
        guard let items = kept[Key(round: round, model: model)] else { return [] }
        var leaves: [SumTreeNode] = []
        while UInt64(leaves.count) < max, let next = items[UInt64(leaves.count)] { leaves.append(next.leaf) }
        return leaves
    }

    /// One item, or nil where it is not kept.
    func item(round: UInt64, model: String, index: UInt64) throws(ItemLogError) -> SprintItem? {
        guard let entry = kept[Key(round: round, model: model)]?[index] else { return nil }
        guard let offset = entry.offset else {
            return waiting[round]?.first { $0.index == index && $0.item.model == model }
        }
        return try log.record(at: offset, round: round)
    }

    /// The rounds of which items are kept.
    var rounds: Set<UInt64> { Set(kept.keys.map(\.round)).union(log.rounds) }

    /// Drops everything of a round: its claim is settled, or there is none.
    func forget(_ round: UInt64) throws(ItemLogError) {
        if let failure { throw failure }
        kept = kept.filter { $0.key.round != round }
        waiting[round] = nil
        try log.remove(round)
    }
}
