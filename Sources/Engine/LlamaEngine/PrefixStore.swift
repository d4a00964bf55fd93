import Primitives
import ProtocolRules

/// What the context held of sequences that ended, so that the next request of the same scope need not be read from its start.
///
/// It lies in plain memory and not in the sequences' own places: a place is free at once for whoever comes, requests stand side
/// by side whatever was there before, and more can be kept than can run. Nothing ever crosses scopes: the time to a first token
/// would tell one account what another one asks.
struct PrefixStore {
    private struct Entry {
        let scope: Hash32
        let tokens: [TokenID]
        let state: Bytes
        var lastUse: UInt64
    }

    private let bytesMax: Int
    private var entries: [Entry] = []
    private var useCount: UInt64 = 0
    /// Of all states together.
    private(set) var byteCount = 0

    /// - Parameter bytesMax: of all states together; 0 keeps nothing.
    init(bytesMax: Int) { self.bytesMax = bytesMax }

    /// Whether anything can be kept at all.
    var keepsAny: Bool { bytesMax > 0 }

    var count: Int { entries.count }

    /// How many of the first tokens of `tokens` are kept for `scope`; 0 where it is not worth the copy. The last token is never
    /// among them, since its row of logits has to be made.
    func sharedCount(_ scope: Hash32, _ tokens: [TokenID]) -> Int { longest(scope, tokens)?.count ?? 0 }

    /// The state that has the most of the first tokens of `tokens`, and how many; it may hold others after them.
    mutating func take(_ scope: Hash32, _ tokens: [TokenID]) -> (state: Bytes, count: Int)? {
        guard let (index, count) = longest(scope, tokens) else { return nil }
        touch(index)
        return (entries[index].state, count)
    }

    /// Whether all of `tokens` are kept already, which then count as used.
    mutating func holds(_ scope: Hash32, _ tokens: ArraySlice<TokenID>) -> Bool {
        guard let index = entries.firstIndex(where: { $0.scope == scope && $0.tokens.starts(with: tokens) }) else {
            return false
        }
        touch(index)
        return true
    }

    /// Keeps a sequence's state, where it is not larger than all may be; whatever was used longest ago makes room. An entry that
    /// the new one begins with goes, too.
    mutating func keep(_ scope: Hash32, _ tokens: ArraySlice<TokenID>, _ state: Bytes) {
        guard !state.isEmpty, state.count <= bytesMax else { return }
        remove { $0.scope == scope && tokens.starts(with: $0.tokens) }
        while byteCount + state.count > bytesMax || entries.count >= Limits.keptPrefixes,
            let oldest = entries.map(\.lastUse).min()
        {
            remove { $0.lastUse == oldest }
        }
        useCount += 1
        byteCount += state.count
        entries.append(Entry(scope: scope, tokens: Array(tokens), state: state, lastUse: useCount))
    }

    private func longest(_ scope: Hash32, _ tokens: [TokenID]) -> (index: Int, count: Int)? {
        var best: (index: Int, count: Int)?
        for (index, entry) in entries.enumerated() where entry.scope == scope {
            let count = min(Self.commonCount(entry.tokens, tokens), tokens.count - 1)
            if count >= Limits.sharedTokensMin, count > best?.count ?? 0 { best = (index, count) }
        }
        return best
    }

    private mutating func touch(_ index: Int) {
        useCount += 1
        entries[index].lastUse = useCount
    }

    private mutating func remove(where isGone: (Entry) -> Bool) {
        entries.removeAll { entry in
            guard isGone(entry) else { return false }
            byteCount -= entry.state.count
            return true
        }
    }

    /// How many first tokens both have.
    static func commonCount(_ first: [TokenID], _ second: [TokenID]) -> Int {
        let limit = min(first.count, second.count)
        var count = 0
        while count < limit && first[count] == second[count] { count += 1 }
        return count
    }
}
