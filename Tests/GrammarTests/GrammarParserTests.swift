import Grammar
import Testing

struct GrammarParserTests {
    @Test func literalsAndRules() throws {
        let grammar = try Grammar(gbnf: "root ::= \"a\" b* # comment\nb ::= \"b\" | \"c\"\n")
        #expect(grammar.accepts("abcb".utf8))
        #expect(!grammar.accepts("bc".utf8))
    }
}
