import Grammar
import ProtocolRules
import Synchronization

/// A grammar with the masks of one vocabulary that were needed so far. Shared by all sequences that are held to it.
public final class GrammarConstraint: Sendable {
    private let masks: Mutex<GrammarMasks>
    /// Before the first token.
    let start: GrammarState

    init(_ grammar: Grammar, _ trie: TokenTrie) {
        masks = Mutex(GrammarMasks(grammar, trie))
        start = grammar.start
    }

    /// The tokens that may follow. A look-up, or a walk through the vocabulary where nobody has been there before.
    func mask(for state: GrammarState) -> TokenMask { masks.withLock { $0.mask(for: state) } }

    /// Where `token` leads, or nil where it leads out: the end tokens do.
    func state(after token: TokenID, in state: GrammarState) -> GrammarState? {
        masks.withLock { $0.state(after: token, in: state) }
    }

    /// Whether some word begins with the texts of `tokens`, none of which is an end token.
    func admits(_ tokens: [TokenID]) -> Bool {
        var walk = GrammarWalk(self)
        for token in tokens { walk.advance(past: token) }
        return walk.state != nil
    }
}

/// One sequence's way through a grammar.
struct GrammarWalk: Sendable {
    let constraint: GrammarConstraint
    /// Nil once the text has left the grammar, or ended.
    private(set) var state: GrammarState?

    init(_ constraint: GrammarConstraint) {
        self.constraint = constraint
        state = constraint.start
    }

    mutating func advance(past token: TokenID) { state = state.flatMap { constraint.state(after: token, in: $0) } }

    /// The tokens that may follow, or nil where none may.
    var mask: TokenMask? {
        guard let mask = state.map(constraint.mask), !mask.isEmpty else { return nil }
        return mask
    }
}
