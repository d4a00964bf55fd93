import Grammar
import Primitives
import Testing
import WireFormat

/// Whatever a model chooses under a schema's masks parses and satisfies the schema.
struct RandomSchemaTests {
    @Test(arguments: 0..<10 as Range<UInt64>)
    func everyWordParsesAndSatisfies(seed: UInt64) throws {
        var schemas = RandomSchema(seed: seed)
        var models = [
            RandomModel(PieceVocabulary.bytes, seed: seed), RandomModel(PieceVocabulary.pieces, seed: seed + 100),
        ]
        var compiled = 0
        var refused: [String] = []
        while compiled < 100 {
            let schema = schemas.next()
            guard let gbnf = Self.grammar(schema, &refused) else { continue }
            compiled += 1
            let grammar = try Grammar(gbnf: gbnf)
            for index in models.indices {
                for _ in 0..<4 {
                    let answer = models[index].answer(grammar)
                    let word = try #require(answer, "no answer under \(Self.text(schema))")
                    check(word, schema)
                }
            }
        }
        #expect(refused.count < 60, "\(refused.prefix(8))")
    }

    private static func grammar(_ schema: JSONValue, _ refused: inout [String]) -> String? {
        do {
            return try JSONSchemaGrammar.grammar(for: schema)
        } catch {
            refused.append("\(error) of \(text(schema))")
            return nil
        }
    }

    private func check(_ word: Bytes, _ schema: JSONValue) {
        let shown = "\(String(decoding: word, as: UTF8.self)) of \(Self.text(schema))"
        do {
            let value = try JSONParser.parse(word)
            #expect(SchemaValidator(document: schema).isValid(value, schema), "\(shown)")
        } catch {
            // A key that the schema leaves open may come twice; one that it names never does.
            guard case .duplicateKey(let key) = error.reason else {
                Issue.record("\(error): \(shown)")
                return
            }
            #expect(!Self.names.contains(key) || Self.text(schema).contains("additionalProperties"), "\(shown)")
            #expect(Self.hasOpenKeys(schema), "\(shown)")
        }
    }

    private static let names = ["a", "b", "ab", "é", "q\"\\", "v", "next"]

    /// Whether some object anywhere may have keys that the schema does not name.
    private static func hasOpenKeys(_ schema: JSONValue) -> Bool {
        switch schema {
        case .boolean(let isAny): return isAny
        case .array(let list): return list.contains(where: hasOpenKeys)
        case .object(let object):
            if object.members.isEmpty || object["additionalProperties"]?.object != nil { return true }
            let isArray = object["type"] == "array" && object["items"] == nil
            let isObject = object["type"] == "object" && object["properties"] == nil
            return isArray || isObject || object.members.contains { hasOpenKeys($0.value) }
        default: return false
        }
    }

    private static func text(_ schema: JSONValue) -> String { String(decoding: schema.encoded(), as: UTF8.self) }
}
