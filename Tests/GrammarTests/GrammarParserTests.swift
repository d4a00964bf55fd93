import Grammar
import Testing

struct GrammarParserTests {
    @Test(arguments: [
        ("root ::= \"a\" b* # comment\nb ::= \"b\" | \"c\"\n", ["a", "abcb"], ["", "bc", "abd"]),
        ("# first\n\nroot ::= (\"a\"\n  | \"b\" # here\n)+\n", ["a", "abba"], ["", "c"]),
        ("root ::= \"a\"\n  | \"b\"\n  | \"c\"", ["a", "b", "c"], ["ab"]),
        ("root ::= [a-cx-] [^a-c\\n] .", ["a--", "xz\n", "-é😀"], ["da-", "aa-", "a\nx", "aé"]),
        ("root ::= \"\\n\\t\\\\\\\"\\x41\\u00e9\\U0001F600\"", ["\n\t\\\"Aé😀"], ["A"]),
        ("root ::= [\\]\\[\\x41-\\x43é-ü]{2}", ["[]", "Aé", "êü"], ["D[", "["]),
        ("root ::= \"a\"{2} \"b\"{1,3} \"c\"{2,}", ["aabcc", "aabbbccc"], ["abcc", "aabbbbcc", "aabc"]),
        ("root ::= (\"a\"? \"b\"){0,2}", ["", "ab", "bab"], ["a", "abab b"]),
        ("root ::= x\nx ::= \"(\" x \")\" | \"\"", ["", "()", "((()))"], ["(", "())"]),
        ("root ::= \"\" | \"a\" root", ["", "aaaa"], ["b"]),
        ("root::=\"a\" \"\" \"b\"", ["ab"], ["a b"]),
    ])
    func words(gbnf: String, words: [String], others: [String]) throws {
        let grammar = try Grammar(gbnf: gbnf)
        for word in words { #expect(grammar.accepts(word.utf8), "\(word)") }
        for other in others { #expect(!grammar.accepts(other.utf8), "\(other)") }
    }

    @Test(arguments: [
        ("", GrammarError.Reason.noRoot, 0),
        ("a ::= \"b\"", .noRoot, 9),
        ("root ::= \"a", .unexpectedEnd, 11),
        ("root ::= [a", .unexpectedEnd, 11),
        ("root ::= (\"a\"", .unexpectedEnd, 13),
        ("root : \"a\"", .expected("::="), 6),
        ("root ::= \"é\" )", .expected("the end of the line"), 14),
        ("root ::= \"\\q\"", .invalidEscape, 12),
        ("root ::= \"\\ud800\"", .invalidCodePoint, 16),
        ("root ::= [b-a]", .emptyRange, 13),
        ("root ::= * \"a\"", .nothingToRepeat, 9),
        ("root ::= \"a\"?*", .nothingToRepeat, 13),
        ("root ::= \"a\"{3,2}", .emptyRepetition, 17),
        ("root ::= \"a\"{}", .expected("a number"), 13),
        ("root ::= \"a\"{4097}", .repetitionTooHigh(max: 4096), 16),
        ("root ::= \"a\"\nroot ::= \"b\"", .duplicateRule("root"), 13),
        ("root ::= \"a\" b", .undefinedRule("b"), 14),
        ("root ::= root \"a\" | \"b\"", .leftRecursion("root"), 0),
        ("root ::= a\na ::= b? c\nb ::= \"b\"\nc ::= a \"c\" | \"d\"", .leftRecursion("a"), 0),
        ("root ::= \"a\" root", .emptyLanguage, 0),
        ("root ::= []", .emptyLanguage, 0),
    ])
    func refusals(gbnf: String, reason: GrammarError.Reason, offset: Int) {
        #expect(throws: GrammarError(reason, offset: offset)) { try Grammar(gbnf: gbnf) }
    }

    @Test func bounds() {
        func reason(_ gbnf: String) -> GrammarError.Reason? {
            do { _ = try Grammar(gbnf: gbnf) } catch { return error.reason }
            return nil
        }
        let comment = String(repeating: "#", count: GrammarLimits.bytesMax)
        #expect(reason("root ::= \"a\"" + comment) == .tooLong(bytesMax: GrammarLimits.bytesMax))
        let deep = String(repeating: "(", count: GrammarLimits.nestingMax + 1)
        #expect(reason("root ::= " + deep) == .tooDeep(nestingMax: GrammarLimits.nestingMax))
        let rules = (0...GrammarLimits.rulesMax).map { "r\($0) ::= \"a\"\n" }.joined()
        #expect(reason("root ::= \"a\"\n" + rules) == .tooManyRules(max: GrammarLimits.rulesMax))
        let long = String(repeating: "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"{4096} ", count: 40)
        #expect(reason("root ::= " + long) == .tooLarge(nodesMax: GrammarLimits.nodesMax))
        let ranges = (0...GrammarLimits.classRangesMax).map { _ in "a" }.joined()
        #expect(reason("root ::= [\(ranges)]") == .classTooLong(rangesMax: GrammarLimits.classRangesMax))
    }

    /// Random texts, most of them near to a grammar: read or refused, never a trap.
    @Test(arguments: 0..<8 as Range<UInt64>)
    func anyTextIsReadOrRefused(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let words = [
            "root", "::=", " ", "\n", "\"", "a", "[", "]", "^", "-", "(", ")", "|", "*", "+", "?", "{", "}", ",", "1",
            "9",
            "\\", "x", "u", "#", ".", "é", "\u{0}", "\"ab\"", "[a-z]", "root ::= ", "b ::= ", "b", "{2,3}",
        ]
        var read = 0
        for _ in 0..<3000 {
            let count = Int.random(in: 0..<24, using: &random)
            let text =
                "root ::= " + (0..<count).map { _ in words[Int.random(in: 0..<words.count, using: &random)] }.joined()
            guard let grammar = try? Grammar(gbnf: text) else { continue }
            read += 1
            _ = grammar.accepts("abab".utf8)
        }
        #expect(read > 10)
    }
}
