import LedgerClient
import Messages
import OpenAIWire
import Primitives
import ProtocolRules

/// The newest rounds of all kinds and the host's claims in them, as the ledger holds them; and the trees behind the claims.
///
/// A round is followed until the host's claim in it is settled, which may be long after its own settlement where the claim was
/// carried, and some rounds longer, so that developers can have their items proved. What no followed claim holds may be
/// forgotten.
public actor ClaimRegistry {
    /// A followed round.
    private struct Followed {
        var round: RoundRecord
        /// Nil before the claim, or where there is none.
        var claim: ClaimRecord?
        /// Whether the claim was read after the commit window: then it is there, or never will be.
        var isFinal: Bool

        /// Whether somebody may still ask for the claim's items, or the claim is still to come.
        var isOpen: Bool {
            guard isFinal else { return true }
            return claim.map { $0.state == .committed } ?? false
        }
    }

    private struct TreeKey: Equatable {
        let round: UInt64
        let model: String
    }

    private let identity: HostIdentity
    private let ledger: any LedgerAccess
    private let store: ItemStore
    private let sprints: SprintStore
    private let limits: Limits
    private var followed: [UInt64: Followed] = [:]
    private var trees: [(key: TreeKey, tree: SumTree)] = []
    private var height: UInt64 = 0
    /// The newest round that was read; nil before the first look.
    private var newest: UInt64?

    public init(
        identity: HostIdentity, ledger: any LedgerAccess, store: ItemStore, sprints: SprintStore,
        limits: Limits = Limits()
    ) {
        self.identity = identity
        self.ledger = ledger
        self.store = store
        self.sprints = sprints
        self.limits = limits
    }

    /// Follows the ledger to a height, where `newest` is the newest round of any kind.
    func follow(newest: UInt64, height: UInt64) async throws(LedgerAccessError) {
        self.height = max(self.height, height)
        // After a start, claims that were carried may lie some rounds back.
        let oldest = newest > limits.roundsLookedBackMax ? newest - limits.roundsLookedBackMax : 0
        var id = max(self.newest ?? 0, oldest)
        while id < newest {
            id += 1
            if let entry = try await read(id) { followed[id] = entry }
            self.newest = id
        }
        for (id, known) in followed where mayHaveChanged(known) {
            if let entry = try await read(id) { followed[id] = entry }
        }
        drop()
    }

    private func mayHaveChanged(_ known: Followed) -> Bool {
        let timetable = known.round.timetable
        guard known.isFinal else { return height > timetable.window(.commit).upperBound }
        return height >= timetable.settleHeight && (known.isOpen || !known.round.isSettled)
    }

    private func read(_ id: UInt64) async throws(LedgerAccessError) -> Followed? {
        guard let round = try await ledger.round(id) else { return nil }
        return Followed(
            round: round, claim: try await ledger.claim(of: identity.address, in: id),
            isFinal: height > round.timetable.window(.commit).upperBound)
    }

    /// Lets go of what is over.
    private func drop() {
        let over = followed.values.filter { $0.round.isSettled && !$0.isOpen }
        let proved = over.filter { $0.round.timetable.kind == .serving }.map(\.round.id).sorted()
        let kept = Set(proved.suffix(Int(clamping: limits.settledRoundsKept)))
        for entry in over where !kept.contains(entry.round.id) { followed[entry.round.id] = nil }
        trees.removeAll { followed[$0.key.round] == nil }
    }

    /// The followed rounds, ascending.
    var rounds: [RoundRecord] { followed.values.map(\.round).sorted { $0.id < $1.id } }

    /// The host's claims that are not settled yet, with their rounds; ascending.
    var openClaims: [(claim: ClaimRecord, round: RoundRecord)] {
        followed.values.compactMap { entry in
            guard let claim = entry.claim, claim.state == .committed else { return nil }
            return (claim, entry.round)
        }.sorted { $0.round.id < $1.round.id }
    }

    /// The host's claims that are over: nobody can dispute their items any more.
    var closedClaims: [ClaimRecord] {
        followed.values.compactMap(\.claim).filter { $0.state != .committed }.sorted { $0.round < $1.round }
    }

    /// Whether the host's items of a round are still needed: to be claimed, or to be shown in a dispute.
    func needsItems(of round: UInt64) -> Bool {
        guard let newest else { return true }
        return round > newest || followed[round]?.isOpen ?? false
    }

    /// Reads the host's claim in a round anew; nil where it has none.
    func claim(in round: UInt64) async throws(LedgerAccessError) -> ClaimRecord? {
        let claim = try await ledger.claim(of: identity.address, in: round)
        followed[round]?.claim = claim
        return claim
    }

    /// The first of a session's numbers in the followed claims.
    func firstNumber(of session: UInt64) -> UInt64? {
        followed.values.compactMap(\.claim).flatMap(\.entries).flatMap(\.sessions).filter { $0.session == session }
            .map(\.firstNumber).min()
    }

    // MARK: Disclosure

    /// What proves one item: open to everybody once its claim's open window is over.
    ///
    /// - Throws: `.itemNotFound`, `.itemNotOpened`.
    public func disclosure(session: UInt64, number: UInt64) async throws(OpenAIError) -> ItemDisclosure {
        guard let item = await kept(session, number) else { throw .itemNotFound }
        guard let (place, claim, followed) = find(session, number) else { throw .itemNotOpened }
        guard height > followed.round.timetable.window(.open).upperBound else { throw .itemNotOpened }
        let entry = claim.entries[place.entry]
        let tree = try await tree(of: entry, round: claim.round)
        guard let proof = tree.proof(at: place.index) else { throw .internalError }
        return ItemDisclosure(round: claim.round, entry: entry, item: item, proof: proof)
    }

    private func kept(_ session: UInt64, _ number: UInt64) async -> FinishedItem? {
        do throws(ItemLogError) { return try await store.item(session, number: number) } catch { return nil }
    }

    /// Where a followed claim holds an item: which entry, and which leaf of its tree.
    private func find(
        _ session: UInt64, _ number: UInt64
    ) -> (place: (entry: Int, index: UInt64), claim: ClaimRecord, followed: Followed)? {
        for followed in followed.values {
            guard let claim = followed.claim else { continue }
            for (index, entry) in claim.entries.enumerated() {
                if let place = entry.index(session: session, number: number) {
                    return ((index, place), claim, followed)
                }
            }
        }
        return nil
    }

    /// The tree of a claim's entry, from the logs' leaves.
    ///
    /// - Throws: `.itemNotFound` where a leaf is lost, `.internalError` where the leaves do not lead to the entry's root.
    func tree(of entry: ClaimEntry, round: UInt64) async throws(OpenAIError) -> SumTree {
        let key = TreeKey(round: round, model: entry.model)
        if let known = trees.first(where: { $0.key == key }) { return known.tree }
        guard let leaves = await leaves(of: entry, round: round) else { throw .itemNotFound }
        guard let tree = try? SumTree(leaves), tree.claim.root == entry.root else { throw .internalError }
        trees.append((key, tree))
        if trees.count > limits.treesCachedMax { trees.removeFirst() }
        return tree
    }

    private func leaves(of entry: ClaimEntry, round: UInt64) async -> [SumTreeNode]? {
        if entry.sessions.isEmpty { return await sprints.leaves(round: round, model: entry.model, count: entry.count) }
        var leaves: [SumTreeNode] = []
        for part in entry.sessions {
            guard let part = await store.leaves(part.session, first: part.firstNumber, count: part.count) else {
                return nil
            }
            leaves += part
        }
        return leaves
    }

    /// The item at a leaf of a claim's entry.
    ///
    /// - Throws: `.itemNotFound` where it is not kept.
    func item(at index: UInt64, of entry: ClaimEntry, round: UInt64) async throws(OpenAIError) -> ClaimedItem {
        if entry.sessions.isEmpty {
            let item = try? await sprints.item(round: round, model: entry.model, index: index)
            guard let item else { throw .itemNotFound }
            return ClaimedItem(item)
        }
        guard let place = entry.place(of: index), let item = await kept(place.session, place.number) else {
            throw .itemNotFound
        }
        return ClaimedItem(item)
    }
}
