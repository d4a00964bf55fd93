import Foundation
import Primitives
import Testing
import WireFormat

/// Grows a value of at most `depth` levels, with awkward texts and numbers.
private func randomValue(depth: Int, _ generator: inout WireFuzzGenerator) -> JSONValue {
    switch Int.random(in: 0...(depth > 0 ? 7 : 5), using: &generator) {
    case 0: return .null
    case 1: return .boolean(Bool.random(using: &generator))
    case 2: return .number(Int64.random(in: .min ... .max, using: &generator))
    case 3: return .number(UInt64.random(in: 0...100, using: &generator))
    case 4, 5: return .string(randomText(&generator))
    case 6:
        return .array(
            (0..<Int.random(in: 0...5, using: &generator)).map { _ in randomValue(depth: depth - 1, &generator) })
    default:
        var object = JSONObject()
        for index in 0..<Int.random(in: 0...20, using: &generator) {
            object.append("\(index)\(randomText(&generator))", randomValue(depth: depth - 1, &generator))
        }
        return .object(object)
    }
}

private func randomText(_ generator: inout WireFuzzGenerator) -> String {
    let alphabet: [Unicode.Scalar] = [
        "a", "\"", "\\", "/", "\n", "\0", "\u{1f}", "é", "\u{301}", "\u{2028}", "€", "😺", "\u{ffff}", " ",
    ]
    var text = String.UnicodeScalarView()
    for _ in 0..<Int.random(in: 0...20, using: &generator) {
        text.append(alphabet[Int.random(in: 0..<alphabet.count, using: &generator)])
    }
    return String(text)
}

@Suite struct JSONFuzzTests {
    @Test(arguments: 0..<20 as Range<UInt64>) func readingUndoesWriting(_ seed: UInt64) throws {
        var generator = WireFuzzGenerator(seed: seed)
        for _ in 0..<100 {
            let value = randomValue(depth: 5, &generator)
            let bytes = value.encoded()
            #expect(try JSONParser.parse(bytes) == value)
            #expect(try JSONParser.parse(bytes).encoded() == bytes)
            // An independent reader understands the same.
            #expect((try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)) != nil)
        }
    }

    /// Whatever one changed byte makes of a text, reading it ends, and what is read writes a text that reads the same.
    @Test(arguments: 0..<20 as Range<UInt64>) func changedBytesNeverTrap(_ seed: UInt64) throws {
        var generator = WireFuzzGenerator(seed: seed)
        for _ in 0..<50 {
            var bytes = randomValue(depth: 4, &generator).encoded()
            for _ in 0..<20 where !bytes.isEmpty {
                bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
                guard let value = try? JSONParser.parse(bytes) else { continue }
                #expect(try JSONParser.parse(value.encoded()) == value)
                #expect((try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)) != nil)
            }
        }
    }

    @Test(arguments: 0..<20 as Range<UInt64>) func randomBytesNeverTrap(_ seed: UInt64) throws {
        var generator = WireFuzzGenerator(seed: seed)
        let alphabet = Bytes(#"{}[]",:\u0dD8cCe+-.19tfn "#.utf8)
        for _ in 0..<500 {
            let structured = generator.bytes(upTo: 40).map { alphabet[Int($0) % alphabet.count] }
            for bytes in [generator.bytes(upTo: 40), structured] {
                guard let value = try? JSONParser.parse(bytes) else { continue }
                #expect(try JSONParser.parse(value.encoded()) == value)
            }
        }
    }

    @Test func everyPrefixIsRefused() throws {
        let bytes = Bytes(#"{"a":[1.5e-3,"b\u00e9\ud83d\ude39",true,null,{}],"c":"€"}"#.utf8)
        _ = try JSONParser.parse(bytes)
        for length in 0..<bytes.count {
            #expect(throws: JSONError.self) { try JSONParser.parse(Array(bytes.prefix(length))) }
        }
    }
}
