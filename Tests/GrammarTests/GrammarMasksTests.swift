import Grammar
import Primitives
import Testing

struct GrammarMasksTests {
    private static let grammars = [
        "root ::= \"a\" (\"b\" | \"c\")* \"d\"?",
        "root ::= \"\\\"\" [^\"\\\\\\x00-\\x1f]* \"\\\"\"",
        "root ::= [é-ü] [日-本]{2} \"😀\" .",
        "root ::= \"{\" (pair (\", \" pair)*)? \"}\"\npair ::= \"\\\"\" [ab]{1,3} \"\\\": \" (root | [0-9]+ | \"true\")",
        "root ::= \"\" | [^<] .* | \"<\" (\"\" | [^t] .*)",
    ]

    /// Along random texts, each mask against trying every token.
    @Test(arguments: grammars)
    func masksAreWhatTryingEveryTokenGives(gbnf: String) throws {
        let grammar = try Grammar(gbnf: gbnf)
        var bounds = GrammarMasks.Bounds()
        (bounds.statesMax, bounds.maskBytesMax) = (400, 400)
        for trie in [PieceVocabulary.bytes, PieceVocabulary.pieces] {
            var random = SplitMix64(seed: 3)
            var masks = GrammarMasks(grammar, trie)
            var forgetful = GrammarMasks(grammar, trie, bounds: bounds)
            for _ in 0..<12 {
                var state = grammar.start
                for _ in 0..<12 {
                    let mask = masks.mask(for: state)
                    let expected = bruteForce(grammar, trie, state)
                    #expect(tokens(mask, trie) == expected)
                    #expect(mask.count == expected.count)
                    let again = forgetful.mask(for: state)
                    #expect(again == mask)
                    let choices = expected.filter { $0 != PieceVocabulary.end }
                    guard let token = choices.isEmpty ? nil : choices[Int.random(in: 0..<choices.count, using: &random)]
                    else { break }
                    let next = masks.state(after: token, in: state)
                    #expect(next == grammar.state(after: trie.pieces[Int(token)], in: state))
                    state = try #require(next)
                }
            }
        }
    }

    private func tokens(_ mask: TokenMask, _ trie: TokenTrie) -> [UInt32] {
        (0..<UInt32(trie.vocabularySize)).filter { mask.contains($0) }
    }

    private func bruteForce(_ grammar: Grammar, _ trie: TokenTrie, _ state: GrammarState) -> [UInt32] {
        (0..<UInt32(trie.vocabularySize)).filter { token in
            if token == PieceVocabulary.end { return state.isComplete }
            let piece = trie.pieces[Int(token)]
            return !piece.isEmpty && grammar.state(after: piece, in: state) != nil
        }
    }

    @Test func onlyTheEndIsLeftBehindAWord() throws {
        let grammar = try Grammar(gbnf: "root ::= \"ab\"")
        var masks = GrammarMasks(grammar, PieceVocabulary.pieces)
        let end = try #require(grammar.state(after: "ab".utf8, in: grammar.start))
        let mask = masks.mask(for: end)
        #expect(tokens(mask, PieceVocabulary.pieces) == [PieceVocabulary.end])
        let behindTheEnd = masks.state(after: PieceVocabulary.end, in: end)
        let others = [PieceVocabulary.control, 100_000].map { masks.state(after: $0, in: grammar.start) }
        #expect(behindTheEnd == nil && others == [nil, nil])
    }

    @Test func whatNoTokenSpellsAllowsNone() throws {
        let trie = TokenTrie(pieces: [[], Bytes("a".utf8)], endTokens: [0])
        let grammar = try Grammar(gbnf: "root ::= \"ab\"")
        var masks = GrammarMasks(grammar, trie)
        let first = masks.mask(for: grammar.start)
        #expect(tokens(first, trie) == [1])
        let next = masks.state(after: 1, in: grammar.start)
        let stuck = masks.mask(for: try #require(next))
        #expect(stuck.isEmpty)
    }

    /// A walk that needs more states than there may be allows nothing, whatever was asked before.
    @Test func tooManyStatesAllowNothing() throws {
        var bounds = GrammarMasks.Bounds()
        bounds.statesMax = 4
        let grammar = try Grammar(gbnf: "root ::= [a-z]{3,9} | [0-9]{3,9}")
        var masks = GrammarMasks(grammar, PieceVocabulary.pieces, bounds: bounds)
        for _ in 0..<2 {
            let mask = masks.mask(for: grammar.start)
            #expect(mask.isEmpty)
        }
    }
}
