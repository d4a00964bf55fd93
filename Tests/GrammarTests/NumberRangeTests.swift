import Grammar
import Primitives
import Testing
import WireFormat

/// Bounds of numbers, against arithmetic.
struct NumberRangeTests {
    private func grammar(_ schema: String) throws -> Grammar {
        try Grammar(gbnf: try JSONSchemaGrammar.grammar(for: try JSONSchemaGrammarTests.schema(schema)))
    }

    @Test(arguments: [(-120, 130), (0, 9), (5, 5), (-7, -3), (99, 1001), (-1000, 0), (1, 1)])
    func integersAreThoseBetweenTheBounds(low: Int, high: Int) throws {
        let grammar = try grammar(#"{"type":"integer","minimum":\#(low),"maximum":\#(high)}"#)
        for value in -1100...1100 {
            #expect(grammar.accepts("\(value)".utf8) == (low...high).contains(value), "\(value)")
        }
        #expect(!grammar.accepts("-0".utf8) && !grammar.accepts("007".utf8) && !grammar.accepts("1.0".utf8))
    }

    @Test func exclusiveAndFractionalBoundsOfIntegers() throws {
        let grammar = try grammar(#"{"type":"integer","exclusiveMinimum":-2,"maximum":3.7}"#)
        #expect((-9...9).filter { grammar.accepts("\($0)".utf8) } == [-1, 0, 1, 2, 3])
    }

    @Test(arguments: [
        ("minimum", "0", "maximum", "1"), ("exclusiveMinimum", "0", "exclusiveMaximum", "1"),
        ("minimum", "-1.5", "maximum", "2.25"), ("exclusiveMinimum", "-0.05", "maximum", "0.1"),
        ("minimum", "0.25", "exclusiveMaximum", "0.26"), ("minimum", "9.9", "maximum", "101"),
        ("minimum", "-3", "maximum", "-2.99"), ("exclusiveMinimum", "1.2", "exclusiveMaximum", "1.25"),
    ])
    func decimalsAreThoseBetweenTheBounds(_ lowWord: String, _ low: String, _ highWord: String, _ high: String) throws {
        let grammar = try grammar(#"{"type":"number","\#(lowWord)":\#(low),"\#(highWord)":\#(high)}"#)
        let (least, most) = (try #require(Double(low)), try #require(Double(high)))
        for hundredths in -350...350 {
            for text in Self.spellings(hundredths) {
                let value = try #require(Double(text))
                let isAbove = lowWord == "minimum" ? value >= least : value > least
                let isBelow = highWord == "maximum" ? value <= most : value < most
                // Zero has no sign here.
                let isWord = isAbove && isBelow && !(value == 0 && text.hasPrefix("-"))
                #expect(grammar.accepts(text.utf8) == isWord, "\(text)")
            }
        }
    }

    private static func spellings(_ hundredths: Int) -> [String] {
        let sign = hundredths < 0 ? "-" : ""
        let (whole, rest) = (abs(hundredths) / 100, abs(hundredths) % 100)
        let two = "\(sign)\(whole).\(rest < 10 ? "0" : "")\(rest)"
        return [two, two + "0", two + "1"] + (rest == 0 ? ["\(sign)\(whole)"] : [])
    }

    @Test func multiples() throws {
        let bounded = try grammar(#"{"type":"integer","multipleOf":30,"minimum":-50,"maximum":100}"#)
        #expect((-200...200).filter { bounded.accepts("\($0)".utf8) } == [-30, 0, 30, 60, 90])
        let free = try grammar(#"{"type":"number","multipleOf":7}"#)
        for value in -300...3000 { #expect(free.accepts("\(value)".utf8) == value.isMultiple(of: 7), "\(value)") }
        let cents = try grammar(#"{"type":"number","multipleOf":0.01,"minimum":0}"#)
        #expect(cents.accepts("12.34".utf8) && cents.accepts("5".utf8) && !cents.accepts("0.123".utf8))
    }
}
