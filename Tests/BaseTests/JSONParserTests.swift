import Foundation
import Primitives
import Testing
import WireFormat

/// One file of nst/JSONTestSuite.
struct JSONSuiteFile: CustomTestStringConvertible, Sendable {
    let name: String
    let contents: Bytes
    var testDescription: String { name }

    static let all: [JSONSuiteFile] = {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let file = folder.appending(path: "Vectors/json/json_test_suite.json")
        guard let data = try? Data(contentsOf: file),
            let table = try? JSONDecoder().decode([String: String].self, from: data)
        else { return [] }
        return table.sorted { $0.key < $1.key }.compactMap { name, hex in
            Hex.decode(hex).map { JSONSuiteFile(name: name, contents: $0) }
        }
    }()
}

private func parse(_ text: String, _ limits: JSONLimits = JSONLimits()) throws(JSONError) -> JSONValue {
    try JSONParser.parse(Bytes(text.utf8), limits: limits)
}

private func reason(_ bytes: Bytes, _ limits: JSONLimits = JSONLimits()) -> JSONError? {
    do throws(JSONError) {
        _ = try JSONParser.parse(bytes, limits: limits)
        return nil
    } catch { return error }
}

private func reason(_ text: String, _ limits: JSONLimits = JSONLimits()) -> JSONError? {
    reason(Bytes(text.utf8), limits)
}

@Suite struct JSONParserTests {
    @Test func theSuiteIsThere() {
        #expect(JSONSuiteFile.all.count == 132)
    }

    @Test(arguments: JSONSuiteFile.all) func suite(_ file: JSONSuiteFile) throws {
        var limits = JSONLimits()
        limits.numberLengthMax = 100
        if file.name.hasPrefix("y_") {
            _ = try JSONParser.parse(file.contents, limits: limits)
        } else {
            #expect(reason(file.contents, limits) != nil)
        }
    }

    @Test func readsEveryKind() throws {
        let value = try parse(#" { "a" : [ 1 , -2.50e+1 , true , false , null ] , "b" : { } , "" : "x" } "#)
        let members = try #require(value.object?.members)
        #expect(members.map(\.key) == ["a", "b", ""])
        #expect(value["a"]?.array?.map(\.kind) == ["an integer", "a decimal", "a boolean", "a boolean", "null"])
        #expect(value["a"]?.array?[1].number?.text == "-2.50e+1")
        #expect(value["b"] == .object(JSONObject()))
        #expect(value[""]?.string == "x")
        #expect(value["c"] == nil)
    }

    @Test(arguments: [
        (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{c}\n\r\t"), (#""\u0041\u00e9\u20AC\uD83D\uDE39""#, "Aé€😹"),
        (#""\u0000""#, "\0"),
        (#""plain text, long enough for a word at a time""#, "plain text, long enough for a word at a time"),
        (#""12345678\n2345678""#, "12345678\n2345678"), ("\"\u{2028}\u{7f}\u{fffe}\"", "\u{2028}\u{7f}\u{fffe}"),
    ]) func strings(_ text: String, _ expected: String) throws {
        let string = try #require(try parse(text).string)
        #expect(Array(string.utf8) == Array(expected.utf8))
    }

    @Test(
        arguments: [
            ("", .unexpectedEnd, 0), ("  ", .unexpectedEnd, 2), ("[1,]", .unexpectedByte(0x5d), 3),
            (#"{"a":1,}"#, .unexpectedByte(0x7d), 7), (#"{"a" 1}"#, .unexpectedByte(0x31), 5),
            ("[1 2]", .unexpectedByte(0x32), 3),
            ("1 2", .bytesAfterValue, 2), ("{} \0", .bytesAfterValue, 3), ("01", .invalidNumber, 0),
            ("-", .unexpectedEnd, 1),
            ("-a", .invalidNumber, 1), ("1.e1", .invalidNumber, 2), ("1e", .unexpectedEnd, 2),
            ("+1", .unexpectedByte(0x2b), 0),
            (".5", .unexpectedByte(0x2e), 0), ("nul", .unexpectedEnd, 3), ("nUll", .unexpectedByte(0x55), 1),
            ("NaN", .unexpectedByte(0x4e), 0), (#""a\x""#, .invalidEscape, 3), (#""\u12g4""#, .invalidEscape, 5),
            (#""\u123"#, .unexpectedEnd, 6), (#""\"#, .unexpectedEnd, 2), (#"["\ud800"]"#, .loneSurrogate, 2),
            (#""\udc00""#, .loneSurrogate, 1), (#""\ud800\n""#, .loneSurrogate, 1),
            (#""\ud800\ud800""#, .loneSurrogate, 1),
            (#""\ud800\u0041""#, .loneSurrogate, 1), ("\"12345678\n\"", .rawControlCharacter, 9),
            ("\"abc", .unexpectedEnd, 4),
            ("'a'", .unexpectedByte(0x27), 0), ("[1//\n]", .unexpectedByte(0x2f), 2),
            ("\u{a0}1", .unexpectedByte(0xc2), 0),
            (#"{a:1}"#, .unexpectedByte(0x61), 1), (#"{"a"}"#, .unexpectedByte(0x7d), 4),
            (#"{"a":}"#, .unexpectedByte(0x7d), 5),
        ] as [(String, JSONError.Reason, Int)])
    func refusals(_ text: String, _ expected: JSONError.Reason, _ offset: Int) {
        #expect(reason(text) == JSONError(expected, offset: offset))
    }

    @Test(
        arguments: [
            [0xef, 0xbb, 0xbf, 0x31], [0xff, 0xfe, 0x31, 0x00], [0x00, 0x31], [0x22, 0xff, 0x22],
            [0x22, 0xc0, 0xaf, 0x22],
            [0x22, 0xed, 0xa0, 0x80, 0x22], [0x22, 0xf4, 0x90, 0x80, 0x80, 0x22], [0x22, 0xe2, 0x82, 0x22], [0x80],
        ] as [Bytes]) func otherEncodings(_ bytes: Bytes)
    {
        #expect(reason(bytes) != nil)
    }

    @Test func namesTheEncodingFault() {
        #expect(reason([0xef, 0xbb, 0xbf, 0x31])?.reason == .byteOrderMark)
        #expect(reason([0x5b, 0x22, 0x61, 0xff, 0x22, 0x5d]) == JSONError(.invalidUTF8, offset: 1))
    }

    @Test(arguments: [
        (#"{"a":1,"a":1}"#, "a", 7), (#"{"a":1,"\u0061":2}"#, "a", 7), (#"{"":1,"":2}"#, "", 6),
        (#"[{"x":{"k":1,"b":2,"k":3}}]"#, "k", 19),
    ]) func duplicateKeys(_ text: String, _ key: String, _ offset: Int) {
        #expect(reason(text) == JSONError(.duplicateKey(key), offset: offset))
    }

    @Test(arguments: 1...40) func duplicateKeysAmongMany(_ count: Int) {
        let members = (0..<count).map { "\"k\($0)\":0" }
        #expect(reason("{\(members.joined(separator: ","))}") == nil)
        for again in [0, count / 2, count - 1] {
            #expect(
                reason("{\((members + ["\"k\(again)\":1"]).joined(separator: ","))}")?.reason
                    == .duplicateKey("k\(again)"))
        }
    }

    /// Canonically equivalent spellings are different bytes, so they are different keys; Swift's `==` would merge them.
    @Test func keysAreBytes() throws {
        let value = try parse("{\"\u{e9}\":1,\"e\u{301}\":2,\"K\":3,\"\u{212a}\":4}")
        #expect(value.object?.members.count == 4)
        #expect(value["e\u{301}"] == 2)
        #expect(value["\u{212a}"] == 4)
        #expect(JSONValue.string("\u{e9}") != JSONValue.string("e\u{301}"))
    }

    @Test func errorsSayWhereAndWhat() {
        #expect(reason(#"{"a":1,"a":2}"#)?.description == "the key \"a\" is written twice (at byte 7)")
        let long = String(repeating: "k", count: 1000)
        #expect((reason("{\"\(long)\":1,\"\(long)\":2}")?.description.count ?? 1000) < 120)
    }
}

@Suite struct JSONLimitsTests {
    private func nested(_ depth: Int, _ open: String, _ close: String) -> String {
        String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth)
    }

    @Test(arguments: [("[", "]"), (#"{"a":"#, "}"), (#"[{"a":"#, "}]")]) func depth(_ open: String, _ close: String) {
        let step = open.contains("[{") ? 2 : 1
        #expect(reason(nested(32 / step, open, close)) == nil)
        #expect(reason(nested(32 / step + 1, open, close))?.reason == .tooDeep(depthMax: 32))
    }

    @Test func depthOfABomb() {
        #expect(reason(String(repeating: "[", count: 1_000_000))?.reason == .tooDeep(depthMax: 32))
        #expect(reason(String(repeating: #"{"":"#, count: 1_000_000))?.reason == .tooDeep(depthMax: 32))
    }

    @Test func numberLength() {
        for text in [
            "1" + String(repeating: "0", count: 31), "-0." + String(repeating: "1", count: 29),
            "1e" + String(repeating: "9", count: 30),
        ] {
            #expect(reason(text) == nil)
            #expect(reason("[\(text)0]") == JSONError(.numberTooLong(lengthMax: 32), offset: 1))
        }
    }

    @Test func byteCount() {
        var limits = JSONLimits()
        limits.bytesMax = 4
        #expect(reason("[ 1]", limits) == nil)
        #expect(reason("[ 1 ]", limits)?.reason == .tooLong(bytesMax: 4))
    }

    @Test func valueCount() {
        var limits = JSONLimits()
        limits.valuesMax = 4
        #expect(reason(#"[1,{"a":2}]"#, limits) == nil)
        #expect(reason(#"[1,{"a":2},3]"#, limits)?.reason == .tooManyValues(valuesMax: 4))
    }
}
