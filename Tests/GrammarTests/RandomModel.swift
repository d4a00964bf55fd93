import Grammar
import Primitives

/// A model without preferences: each next token is any that the mask allows.
struct RandomModel {
    private let trie: TokenTrie
    private var random: SplitMix64
    /// Tokens that close what is open.
    private let closing: [UInt32]

    init(_ trie: TokenTrie, seed: UInt64) {
        self.trie = trie
        random = SplitMix64(seed: seed)
        closing =
            trie.pieces.indices.filter {
                ["\"", "]", "}", "\"}"].contains(String(decoding: trie.pieces[$0], as: UTF8.self))
            }
            .map(UInt32.init) + trie.endTokens
    }

    /// A whole answer; nil where the grammar allowed no token, or no end came.
    mutating func answer(_ grammar: Grammar) -> Bytes? {
        var masks = GrammarMasks(grammar, trie)
        var state = grammar.start
        var text: Bytes = []
        for _ in 0..<10_000 {
            let mask = masks.mask(for: state)
            let allowed = (0..<UInt32(trie.vocabularySize)).filter { mask.contains($0) }
            guard !allowed.isEmpty else { return nil }
            let short = allowed.filter { closing.contains($0) }
            // Else a text would have as many members as there are ways to go on.
            let choices = short.isEmpty || Bool.random(using: &random) ? allowed : short
            let token = choices[Int.random(in: 0..<choices.count, using: &random)]
            if trie.endTokens.contains(token) { return text }
            text += trie.pieces[Int(token)]
            guard let next = masks.state(after: token, in: state) else { return nil }
            state = next
        }
        return nil
    }
}
