import Primitives
import Testing
import WireFormat

private func text(_ value: JSONValue, sortingKeys: Bool = false) -> String {
    String(decoding: value.encoded(sortingKeys: sortingKeys), as: UTF8.self)
}

@Suite struct JSONWriterTests {
    @Test func golden() {
        let value: JSONValue = [
            "b": [1, .number(UInt64.max), .number(Int64.min), true, false, .null], "a": ["": [:]], "c": [],
            "é": "ü\u{1f63a}",
        ]
        #expect(
            text(value)
                == #"{"b":[1,18446744073709551615,-9223372036854775808,true,false,null],"a":{"":{}},"c":[],"é":"ü😺"}"#)
        #expect(
            text(["b": 1, "a": ["d": 1, "c": 2], "é": 3, "Z": 4], sortingKeys: true)
                == #"{"Z":4,"a":{"c":2,"d":1},"b":1,"é":3}"#)
    }

    @Test func escapes() {
        #expect(text("\"\\/\u{8}\t\n\u{c}\r\u{0}\u{1f}\u{7f}") == #""\"\\/\b\t\n\f\r\u0000\u001f"# + "\u{7f}\"")
        #expect(text("a\u{2028}\u{2029}\u{2027}\u{202a}â€") == "\"a\\u2028\\u2029\u{2027}\u{202a}â€\"")
    }

    /// A text cannot end its line, and so cannot forge a frame of a line protocol (reliability row E11).
    @Test(arguments: 0...0x1f) func noControlCharacterSurvives(_ code: UInt8) {
        let bytes = JSONValue.string("x\(Character(Unicode.Scalar(code)))data: [DONE]").encoded()
        #expect(bytes.allSatisfy { $0 >= 0x20 })
    }

    @Test func piecesAndTreesAgree() {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("a")
        writer.beginArray()
        writer.write(Int64(-1))
        writer.beginObject()
        writer.endObject()
        writer.write("x")
        writer.writeNull()
        writer.endArray()
        writer.key("b")
        writer.write(true)
        writer.key("c")
        writer.write(["d": 2])
        writer.key("e")
        writer.write(UInt64(3))
        writer.endObject()
        let tree: JSONValue = ["a": [-1, [:], "x", .null], "b": true, "c": ["d": 2], "e": 3]
        #expect(writer.bytes == tree.encoded())
    }

    @Test func numbersKeepTheirText() throws {
        let bytes = Bytes("[1.10,-0,1E+2,0.30000000000000004]".utf8)
        #expect(try JSONParser.parse(bytes).encoded() == bytes)
    }
}
