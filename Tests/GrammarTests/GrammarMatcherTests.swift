import Grammar
import Testing

struct GrammarMatcherTests {
    /// All words over two letters, up to this length.
    private static let words: [[Character]] = (0...6).flatMap { length in
        (0..<(1 << length)).map { bits in (0..<length).map { bits >> $0 & 1 == 0 ? "a" : "b" } }
    }

    @Test(arguments: 0..<10 as Range<UInt64>)
    func randomGrammarsHaveTheWordsOfTheReference(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var compared = 0
        while compared < 25 {
            let reference = ReferenceGrammar.random(using: &random)
            guard let grammar = try? Grammar(gbnf: reference.gbnf) else { continue }
            compared += 1
            for word in Self.words {
                let text = String(word)
                #expect(grammar.accepts(text.utf8) == reference.accepts(word), "\(text) of \(reference.gbnf)")
                try followsOn(grammar, text, reference.gbnf)
            }
        }
    }

    /// Where the matcher goes on, there is a word that begins like this.
    private func followsOn(_ grammar: Grammar, _ text: String, _ gbnf: String) throws {
        guard let state = grammar.state(after: text.utf8, in: grammar.start) else { return }
        var open: Set<GrammarState> = [state]
        var seen = open
        for _ in 0..<24 where !open.contains(where: { $0.isComplete }) {
            var next: Set<GrammarState> = []
            for state in open {
                for byte in "ab".utf8 {
                    if let after = grammar.state(after: [byte], in: state) { next.insert(after) }
                }
            }
            open = next.subtracting(seen)
            seen.formUnion(open)
            if open.count > 200 { return }
        }
        let canEnd = open.contains { $0.isComplete }
        #expect(canEnd, "after \(text) of \(gbnf)")
    }

    /// Every scalar around the borders of UTF-8's lengths and of a class.
    @Test func classesAreThoseOfCodePoints() throws {
        let inside = try Grammar(gbnf: "root ::= [\\u0061-\\u0800\\uFFF0-\\U00010010]")
        let outside = try Grammar(gbnf: "root ::= [^\\u0061-\\u0800\\uFFF0-\\U00010010]")
        let borders: [UInt32] = [0, 0x60, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xfff0, 0xffff, 0x10000, 0x10010]
        let values = borders.flatMap { border -> [UInt32] in
            [border &- 2, border &- 1, border, border + 1, border + 64]
        }
        for value in values + [0x10ffff] {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let isInside = (0x61...0x800).contains(value) || (0xfff0...0x10010).contains(value)
            let bytes = String(Character(scalar)).utf8
            #expect(inside.accepts(bytes) == isInside, "\(value)")
            #expect(outside.accepts(bytes) == !isInside, "\(value)")
        }
        let any = try Grammar(gbnf: "root ::= .")
        for broken: [UInt8] in [
            [0x80], [0xc0, 0x80], [0xc1, 0xbf], [0xe0, 0x80, 0x80], [0xed, 0xa0, 0x80], [0xf5, 0x80],
        ] {
            #expect(any.state(after: broken, in: any.start) == nil, "\(broken)")
        }
    }

    @Test func partOfACharacterIsNoEnd() throws {
        var matcher = GrammarMatcher(try Grammar(gbnf: "root ::= [é-ü]+"))
        var steps: [String] = []
        for bytes: [UInt8] in [[0xc3], [0xa9], [0x41], [0xc3]] {
            steps.append("\(matcher.advance(bytes)) \(matcher.isComplete)")
        }
        #expect(steps == ["true false", "true true", "false false", "false false"])
        #expect(matcher.state == nil)
    }

    @Test func nestingIsBounded() throws {
        let grammar = try Grammar(gbnf: "root ::= \"(\" root \")\" | \"\"")
        func accepts(_ depth: Int) -> Bool {
            grammar.accepts((String(repeating: "(", count: depth) + String(repeating: ")", count: depth)).utf8)
        }
        #expect(accepts(GrammarLimits.stackDepthMax - 1))
        #expect(!accepts(GrammarLimits.stackDepthMax + 2))
        #expect(grammar.state(after: Array(repeating: UInt8(ascii: "("), count: 100_000), in: grammar.start) == nil)
        // A rule that goes on at its end needs no depth.
        let list = try Grammar(gbnf: "root ::= \"a\" root | \"\"")
        #expect(list.accepts(Array(repeating: UInt8(ascii: "a"), count: 10_000)))
    }

    @Test func readingsAreBounded() throws {
        // Each letter doubles the ways in which the text can be cut.
        let grammar = try Grammar(gbnf: "root ::= x\nx ::= \"a\" x \"b\" | \"a\" x \"c\" | \"a\" x x \"d\" | \"\"")
        let state = grammar.state(after: Array(repeating: UInt8(ascii: "a"), count: 24), in: grammar.start)
        #expect(state == nil)
    }
}
