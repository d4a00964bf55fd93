import Grammar
import Primitives
import Testing
import WireFormat

/// Patterns, against Swift's own regular expressions.
struct PatternGrammarTests {
    @Test(arguments: SchemaFormats.patterns)
    func wordsMatchThePattern(pattern: String) throws {
        let schema: JSONValue = ["type": "string", "pattern": .string(pattern)]
        let grammar = try Grammar(gbnf: try JSONSchemaGrammar.grammar(for: schema))
        var model = RandomModel(PieceVocabulary.pieces, seed: 5)
        for _ in 0..<40 {
            let answer = model.answer(grammar)
            let word = try #require(answer)
            let text = try #require(try JSONParser.parse(word).string)
            #expect(SchemaValidator.matches(text, pattern), "\(text.debugDescription)")
        }
    }

    @Test(arguments: [
        ("^[a-c]{1,3}$", ["a", "abc"], ["", "abcd", "d"]),
        ("^(ab|cd)*e?$", ["", "abcd", "e"], ["abc", "ee"]),
        ("b.d", ["xbcdx", "bbd"], ["bd", "b\nd"]),
        ("^\\d{3}-\\d{4}$", ["555-1234"], ["5551234", "x555-1234"]),
        ("^a|b$", ["ax", "xb"], ["xa", "bx"]),
        ("^[^\\d]$", ["a", "\""], ["5"]),
        ("^\\\\\"\\t$", ["\\\"\t"], ["\\"]),
    ])
    func texts(pattern: String, words: [String], others: [String]) throws {
        let schema: JSONValue = ["type": "string", "pattern": .string(pattern)]
        let grammar = try Grammar(gbnf: try JSONSchemaGrammar.grammar(for: schema))
        for word in words { #expect(grammar.accepts(JSONValue.string(word).encoded()), "\(word)") }
        for other in others { #expect(!grammar.accepts(JSONValue.string(other).encoded()), "\(other)") }
    }
}
