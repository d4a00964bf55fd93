import Grammar
import Primitives
import Testing
import WireFormat

struct JSONSchemaGrammarTests {
    static func schema(_ text: String) throws -> JSONValue { try JSONParser.parse(Bytes(text.utf8)) }

    @Test(arguments: [
        (
            #"{"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"string"}},"required":["a"]}"#,
            [#"{"a":1}"#, #"{"a": -20, "b":"x\n\u00e9é"}"#],
            [
                #"{}"#, #"{"b":"x","a":1}"#, #"{"a":01}"#, #"{"a":1,"c":2}"#, #"{"a":1,"b":"x"}x"#, #"{"a":  1}"#,
                #"{ "a":1}"#,
            ]
        ),
        (
            #"{"type":"object","properties":{"a":{"const":1},"b":{"const":2},"c":{"const":3}}}"#,
            ["{}", #"{"a":1}"#, #"{"b":2}"#, #"{"a":1,"c":3}"#, #"{"a":1,"b":2,"c":3}"#],
            [#"{"c":3,"a":1}"#, #"{,"a":1}"#, #"{"a":1,}"#, #"{"a":1"b":2}"#, #"{"a":1,"a":1}"#]
        ),
        (
            #"{"type":"object","properties":{"ab":{"const":1}},"additionalProperties":{"type":"integer"}}"#,
            ["{}", #"{"a":5}"#, #"{"ab":1,"abc":2,"":3}"#, #"{"é":7}"#],
            [#"{"ab":2}"#, #"{"a":1,"ab":1}"#, #"{"a":"x"}"#, #"{"\u0061b":2}"#]
        ),
        (
            ##"{"$defs":{"n":{"type":"object","properties":{"next":{"$ref":"#/$defs/n"}}}},"$ref":"#/$defs/n"}"##,
            ["{}", #"{"next":{"next":{}}}"#], [#"{"next":1}"#, "[]"]
        ),
        (
            ##"{"type":"array","items":{"anyOf":[{"$ref":"#"},{"type":"null"}]},"maxItems":2}"##,
            ["[]", "[null,[[],null]]"], ["[null,null,null]", "[1]"]
        ),
        (
            #"{"type":"array","prefixItems":[{"const":1},{"const":2}],"items":{"const":3},"minItems":1,"maxItems":4}"#,
            ["[1]", "[1,2]", "[1, 2,3,3]"], ["[]", "[2]", "[1,3]", "[1,2,3,3,3]"]
        ),
        (#"{"type":"array","prefixItems":[{"const":1}],"maxItems":9}"#, ["[]", "[1]"], ["[1,1]"]),
        (#"{"type":"array","items":{"const":1},"minItems":2}"#, ["[1,1]", "[1,1,1]"], ["[]", "[1]"]),
        (#"{"enum":["a",null,1.5,{"x":[]}]}"#, [#""a""#, "null", "1.5", #"{"x":[]}"#], ["1.50", #""b""#]),
        (#"{"type":["string","null"],"enum":["a",null,3]}"#, [#""a""#, "null"], ["3"]),
        (
            #"{"type":"string","minLength":1,"maxLength":2}"#, [#""a""#, #""\u00e9😀""#, #""\ud83d\ude00b""#],
            [#""""#, #""abc""#]
        ),
        (#"{"type":"boolean","nullable":true}"#, ["true", "false", "null"], [#""""#]),
        (#"{"type":"string"}"#, [#""\\\"\/""#], [#""\ud83d""#, #""\ude00""#, "\"\n\"", #""\x""#, #"""#]),
        (
            #"{"allOf":[{"properties":{"a":{"type":"integer"}}},{"properties":{"a":{"minimum":3},"b":true},"required":["a"]}]}"#,
            [#"{"a":3}"#, #"{"a":3,"b":[{}]}"#], [#"{"a":2}"#, "{}", #"{"b":1}"#]
        ),
        (#"{"type":"object","additionalProperties":false}"#, ["{}"], [#"{"a":1}"#]),
        (#"{"type":"object"}"#, ["{}", #"{"a":[1,{"b":null}]}"#], ["[]"]),
        (
            #"{"type":"object","required":["a"],"additionalProperties":{"const":1}}"#,
            [#"{"a":1}"#, #"{"a":1,"b":1}"#], ["{}"]
        ),
    ])
    func words(schema: String, words: [String], others: [String]) throws {
        let value = try Self.schema(schema)
        let grammar = try Grammar(gbnf: try JSONSchemaGrammar.grammar(for: value))
        for word in words {
            #expect(grammar.accepts(word.utf8), "\(word)")
            #expect(SchemaValidator(document: value).isValid(try JSONParser.parse(Bytes(word.utf8)), value), "\(word)")
        }
        for other in others { #expect(!grammar.accepts(other.utf8), "\(other)") }
    }

    @Test(arguments: [
        (#"{"type":"object","properties":{"a/b":{"not":{}}}}"#, "#/properties/a~1b/not"),
        (#"{"anyOf":[{"type":"string"},{"type":"array","uniqueItems":true}]}"#, "#/anyOf/1/uniqueItems"),
        (#"{"type":"string","pattern":"(?=a)b"}"#, "#/pattern"),
        (#"{"type":"string","pattern":"(a)\\1"}"#, "#/pattern"),
        (#"{"type":"string","pattern":"^a$b"}"#, "#/pattern"),
        (#"{"type":"string","pattern":"[z-a]"}"#, "#/pattern"),
        (#"{"type":"string","pattern":"a","minLength":3}"#, "#/pattern"),
        (#"{"type":"integer","minimum":1e400}"#, "#/minimum"),
        (#"{"type":"integer","minimum":3,"maximum":2}"#, "#"),
        (#"{"type":"number","multipleOf":0.3}"#, "#/multipleOf"),
        (#"{"type":"text"}"#, "#/type"),
        (##"{"$ref":"other.json"}"##, "#/$ref"),
        (##"{"$ref":"#/$defs/missing"}"##, "#/$ref"),
        (##"{"$ref":"#"}"##, "#"),
        (##"{"allOf":[{"$ref":"#"}]}"##, "#"),
        (##"{"type":"object","properties":{"a":{"$ref":"#"}},"required":["a"]}"##, "#"),
        (
            ##"{"$defs":{"a":{"$ref":"#/$defs/b","minimum":1},"b":{"$ref":"#/$defs/a","minimum":2}},"$ref":"#/$defs/a"}"##,
            "#"
        ),
        (#"{"enum":[]}"#, "#/enum"),
        (#"{"enum":["a"],"minLength":2}"#, "#/minLength"),
        (#"{"type":"object","minProperties":1}"#, "#/minProperties"),
        (#"{"type":"object","required":["a"],"additionalProperties":false}"#, "#/required"),
        (#"{"type":"array","minItems":2000}"#, "#/minItems"),
        (#"{"allOf":[{"type":"string"},{"type":"integer"}]}"#, "#/allOf/1/type"),
        (#"{"allOf":[{"prefixItems":[true]},{"items":{"type":"null"}}]}"#, "#/allOf/1/prefixItems"),
        ("false", "#"), ("[]", "#"), ("3", "#"),
    ])
    func refusals(schema: String, path: String) throws {
        let value = try Self.schema(schema)
        #expect { try JSONSchemaGrammar.grammar(for: value) } throws: { ($0 as? SchemaError)?.path == path }
    }

    /// Short texts that stand for 2⁴⁰ schemas, one by references with something beside them, one by merging them.
    @Test func whatReferencesMultiplyIsRefused() throws {
        func definitions(_ name: String, _ extra: String) -> String {
            (1...40).map { number in
                let below = ##"{"$ref":"#/$defs/\##(name)\##(number - 1)"\##(extra)}"##
                return #""\#(name)\#(number)":{"type":"object","properties":{"x":\#(below),"y":\#(below)}}"#
            }.joined(separator: ",") + #","\#(name)0":{"type":"object"}"#
        }
        let beside = ##"{"$defs":{\##(definitions("a", #","type":"object""#))},"$ref":"#/$defs/a40"}"##
        let merged =
            ##"{"$defs":{\##(definitions("a", "")),\##(definitions("b", ""))},"##
            + ##""allOf":[{"$ref":"#/$defs/a40"},{"$ref":"#/$defs/b40"}]}"##
        for text in [beside, merged] {
            let schema = try Self.schema(text)
            #expect(throws: SchemaError.self) { try JSONSchemaGrammar.grammar(for: schema) }
        }
    }

    /// More words than there may be readings, which share their beginnings.
    /// Lists are compared pair by pair, and merges call themselves: both are bounded before anything is paid.
    @Test func longListsAndMergesWithinMergesAreRefused() throws {
        let names = JSONValue.array((0...2_048).map { .string("n\($0)") })
        let members = JSONObject((0...2_048).map { JSONObject.Member(key: "n\($0)", value: true) })
        let long: [JSONValue] = [
            ["type": "object", "required": names], ["enum": names],
            ["type": "object", "properties": .object(members)],
        ]
        for schema in long {
            #expect(throws: SchemaError.self) { try JSONSchemaGrammar.grammar(for: schema) }
        }
        let endless = try JSONParser.parse(
            Bytes(
                """
                {"$defs":{"a":{"type":"array","items":{"$ref":"#/$defs/a"}},"b":{"items":{"$ref":"#/$defs/b"}}},
                "allOf":[{"$ref":"#/$defs/a"},{"$ref":"#/$defs/b"}]}
                """.utf8))
        #expect(throws: SchemaError.self) { try JSONSchemaGrammar.grammar(for: endless) }
    }

    @Test func manyListedWordsAreOneReading() throws {
        let words = (0..<2000).map { JSONValue.string("word \($0)") }
        let grammar = try Grammar(gbnf: try JSONSchemaGrammar.grammar(for: ["enum": .array(words)]))
        #expect([0, 7, 1999].allSatisfy { grammar.accepts("\"word \($0)\"".utf8) })
        #expect(!grammar.accepts("\"word 2000\"".utf8))
    }

    /// The validator knows no format, so each is held to its own pattern.
    @Test(arguments: [
        ("date", ["2024-02-29", "1999-12-31"], ["2023-02-29", "2100-02-29", "2024-13-01", "2024-04-31", "2024-1-01"]),
        ("time", ["23:59:59Z", "00:00:00.25+01:30"], ["24:00:00Z", "12:00:00", "12:60:00Z"]),
        ("date-time", ["2024-02-29T12:00:00Z"], ["2024-02-29", "2024-02-29 12:00:00Z"]),
        (
            "uuid", ["123e4567-e89b-12d3-a456-426614174000"],
            ["123e4567e89b12d3a456426614174000", "g23e4567-e89b-12d3-a456-426614174000"]
        ),
        ("ipv4", ["0.0.0.0", "255.249.100.9"], ["256.0.0.1", "01.2.3.4", "1.2.3"]),
        ("email", ["a.b+c@d-e.org"], ["@b.c", "a@b", "a@-b.c", "a@b-.c", "a..b@c.de"]),
        ("duration", ["P3D", "PT5M", "P1DT2H"], ["P", "PT", "3D"]),
        ("unheard-of", ["anything"], []),
    ])
    func formats(format: String, words: [String], others: [String]) throws {
        let schema: JSONValue = ["type": "string", "format": .string(format)]
        let grammar = try Grammar(gbnf: try JSONSchemaGrammar.grammar(for: schema))
        for word in words { #expect(grammar.accepts("\"\(word)\"".utf8), "\(word)") }
        for other in others { #expect(!grammar.accepts("\"\(other)\"".utf8), "\(other)") }
    }

    @Test func anyObjectIsAnObjectOfBoundedDepth() throws {
        let gbnf = try JSONSchemaGrammar.jsonObject()
        let grammar = try Grammar(gbnf: gbnf)
        #expect(grammar.accepts(#"{"a": {"b":[1, 2.5e-3,"x",null,true]}}"#.utf8))
        #expect(!grammar.accepts("[]".utf8))
        var depths: [Int] = []
        for depth in 1...40 {
            let text = String(repeating: #"{"a":"#, count: depth) + "1" + String(repeating: "}", count: depth)
            if grammar.accepts(text.utf8) { depths.append(depth) }
        }
        #expect(depths == Array(1...depths.count))
        #expect((24...JSONLimits().depthMax).contains(depths.count), "\(depths.count)")
    }

    @Test func sameSchemaSameText() throws {
        var first = RandomSchema(seed: 77)
        for _ in 0..<50 {
            let schema = first.next()
            let texts = (0..<2).map { _ in try? JSONSchemaGrammar.grammar(for: schema) }
            #expect(texts[0] == texts[1])
        }
    }

    /// Values that are no schemas, or schemas with parts exchanged: compiled or refused, never a trap.
    @Test(arguments: 0..<4 as Range<UInt64>)
    func anyValueIsCompiledOrRefused(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var schemas = RandomSchema(seed: seed + 1000)
        var compiled = 0
        for _ in 0..<400 {
            var text = Bytes(schemas.next().encoded())
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let place = Int.random(in: 0..<text.count, using: &random)
                text[place] = Bytes(#"{}[]":,0123456789-truefalsn$#/"#.utf8)[Int.random(in: 0..<30, using: &random)]
            }
            guard let value = try? JSONParser.parse(text) else { continue }
            if (try? JSONSchemaGrammar.grammar(for: value)) != nil { compiled += 1 }
        }
        #expect(compiled > 5)
    }
}
