import LedgerClient
import Messages
import OpenAIWire
import Primitives
import ProtocolRules

/// The newest rounds and the host's claims in them, as the ledger holds them; and the trees behind the claims.
///
/// Rounds are followed from the newest back to some that are settled. What no followed claim holds may be forgotten.
public actor ClaimRegistry {
    /// A followed round.
    private struct Followed {
        var round: RoundRecord
        /// Nil before the claim, or where there is none.
        var claim: ClaimRecord?
        /// Whether the claim was read after the commit window: then it is what it stays.
        var isFinal: Bool
    }

    private struct TreeKey: Equatable {
        let round: UInt64
        let model: String
    }

    private let identity: HostIdentity
    private let ledger: any LedgerAccess
    private let store: ItemStore
    private let limits: Limits
    private var followed: [UInt64: Followed] = [:]
    private var trees: [(key: TreeKey, tree: SumTree)] = []
    private var height: UInt64 = 0

    public init(identity: HostIdentity, ledger: any LedgerAccess, store: ItemStore, limits: Limits = Limits()) {
        self.identity = identity
        self.ledger = ledger
        self.store = store
        self.limits = limits
    }

    /// Follows the ledger to a height, where `newest` is the newest round.
    func follow(newest: RoundRecord, height: UInt64) async throws(LedgerAccessError) {
        self.height = max(self.height, height)
        var settled = 0
        var id = newest.id
        while id > 0, settled < limits.settledRoundsKept {
            guard let entry = try await read(id) else { break }
            followed[id] = entry
            settled += entry.round.isSettled ? 1 : 0
            id -= 1
        }
        followed = followed.filter { $0.key > id }
    }

    /// A round with the host's claim, read anew where either may have changed.
    private func read(_ id: UInt64) async throws(LedgerAccessError) -> Followed? {
        if let known = followed[id], known.isFinal {
            let mayBeSettled = !known.round.isSettled && height >= known.round.timetable.settleHeight
            guard mayBeSettled else { return known }
        } else if let known = followed[id], height <= known.round.timetable.window(.commit).upperBound {
            return known
        }
        guard let round = try await ledger.round(id) else { return nil }
        return Followed(
            round: round, claim: try await ledger.claim(of: identity.address, in: id),
            isFinal: height > round.timetable.window(.commit).upperBound)
    }

    /// The followed rounds of serving, ascending.
    var servingRounds: [RoundRecord] {
        followed.values.map(\.round).filter { $0.timetable.kind == .serving }.sorted { $0.id < $1.id }
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

    /// The tree of a claim's entry, from the log's leaves.
    private func tree(of entry: ClaimEntry, round: UInt64) async throws(OpenAIError) -> SumTree {
        let key = TreeKey(round: round, model: entry.model)
        if let known = trees.first(where: { $0.key == key }) { return known.tree }
        var leaves: [SumTreeNode] = []
        for part in entry.sessions {
            guard let part = await store.leaves(part.session, first: part.firstNumber, count: part.count) else {
                throw .itemNotFound
            }
            leaves += part
        }
        guard let tree = try? SumTree(leaves), tree.claim.root == entry.root else { throw .internalError }
        trees.append((key, tree))
        if trees.count > limits.treesCachedMax { trees.removeFirst() }
        return tree
    }
}
