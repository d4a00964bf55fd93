import OpenAIWire
import Primitives
import Testing
import WireFormat

private func events(_ text: String, pieceLength: Int = .max) throws -> [String] {
    var parser = SSEParser()
    let bytes = Bytes(text.utf8)
    var found: [SSEEvent] = []
    var index = 0
    while index < bytes.count {
        let end = pieceLength < bytes.count - index ? index + pieceLength : bytes.count
        found += try parser.consume(Bytes(bytes[index..<end]))
        index = end
    }
    return found.map { String(decoding: $0.data, as: UTF8.self) }
}

@Suite struct OpenAIStreamTests {
    @Test func golden() {
        #expect(String(decoding: SSEEncoder.event(Bytes(#"{"a":1}"#.utf8)), as: UTF8.self) == "data: {\"a\":1}\n\n")
        #expect(String(decoding: SSEEncoder.done, as: UTF8.self) == "data: [DONE]\n\n")
        #expect(String(decoding: SSEEncoder.keepAlive, as: UTF8.self) == ": keep-alive\n\n")
    }

    /// The rules of WHATWG HTML 9.2.6, with its own examples among them, whole and in pieces.
    @Test(arguments: [
        ("data: a\n\n", ["a"]), ("data:a\n\n", ["a"]), ("data:  a\n\n", [" a"]), ("data: a\r\n\r\n", ["a"]),
        ("data: a\r\r", ["a"]), ("data: a\r\n\n", ["a"]), ("data: a\n\ndata: b\n\n", ["a", "b"]),
        ("data: a\ndata: b\n\n", ["a\nb"]), ("data\n\ndata\ndata\n\ndata:", ["", "\n"]),
        ("data:test\n\ndata: test\n\n", ["test", "test"]),
        (": comment\n\ndata: a\n\n", ["a"]), (":\ndata: a\n:\ndata: b\n\n", ["a\nb"]),
        ("event: x\nid: 1\nretry: 5\ndata: a\n\n", ["a"]),
        ("event: x\n\ndata: a\n\n", ["a"]), ("\n\n\ndata: a\n\n", ["a"]), ("data: a", []), ("data: a\n", []), ("", []),
        ("\u{feff}data: a\n\n", ["a"]), (" data: a\n\n", []), ("Data: a\n\n", []), ("datas: a\n\n", []),
        ("data: é😹\u{2028}b\u{85}c\u{b}\n\n", ["é😹\u{2028}b\u{85}c\u{b}"]),
        ("data: YHOO\ndata: +2\ndata: 10\n\n", ["YHOO\n+2\n10"]),
        ("data: a\n\n\u{feff}data: b\n\n", ["a"]),
    ]) func parsing(_ text: String, _ expected: [String]) throws {
        #expect(try events(text) == expected)
        for length in 1...7 { #expect(try events(text, pieceLength: length) == expected) }
    }

    @Test func readingUndoesWritingAtEveryCut() throws {
        let stream = OpenAIResponseTests.stream
        let chunks = [
            stream.opening(), stream.content("é😹\n\ndata: [DONE]\n\n"),
            stream.finish(.stop, gonka: OpenAIResponseTests.receipt),
        ]
        let bytes = chunks.flatMap { SSEEncoder.event($0.encoded()) } + SSEEncoder.keepAlive + SSEEncoder.done
        for cut in 0...bytes.count {
            var parser = SSEParser()
            let found = try parser.consume(Bytes(bytes[..<cut])) + parser.consume(Bytes(bytes[cut...]))
            let read = try found.map { try ChatCompletionEvent.parse($0) }
            #expect(read == chunks.map { .chunk($0) } + [.done])
        }
    }

    /// Row E11: no text that a model writes can end its event or begin another.
    @Test(
        arguments: [
            "\n\ndata: [DONE]\n\n", "\r\rdata: [DONE]\r\r", "\r\n\r\ndata: {\"error\":{}}\r\n\r\n",
            "\u{2028}\u{2028}data: x",
            "data: [DONE]", "[DONE]", "\"}]}\n\ndata: [DONE]\n\n", "\u{0}\u{1}\u{b}\u{c}\u{1b}\u{7f}\u{85}",
            "\\n\\ndata: x", ": x\n\n",
            "event: error\n\n", "\u{feff}data: x\n\n",
        ] + (0...0x1f).map { "\(Character(Unicode.Scalar(UInt8($0))))\n\(Character(Unicode.Scalar(UInt8($0))))data: x" }
    )
    func noTextForgesAnEvent(_ text: String) throws {
        let bytes = SSEEncoder.event(OpenAIResponseTests.stream.content(text).encoded())
        var parser = SSEParser()
        let found = try parser.consume(bytes + SSEEncoder.done)
        #expect(found.count == 2)
        guard case .chunk(let chunk) = try ChatCompletionEvent.parse(found[0]) else {
            Issue.record("the first event is not the chunk")
            return
        }
        #expect(chunk.choices[0].content.map { Array($0.utf8) } == Array(text.utf8))
        #expect(bytes.filter { $0 < 0x20 }.count == 2, "no control character but the two line feeds at the end")
    }

    /// Data that is not JSON cannot forge an event either.
    @Test(arguments: ["a\nb", "a\r\n\r\ndata: [DONE]", "\n", ""]) func lineEndsInDataStayInside(_ text: String) throws {
        var parser = SSEParser()
        let found = try parser.consume(SSEEncoder.event(Bytes(text.utf8)) + SSEEncoder.done)
        #expect(found.count == 2)
        #expect(found.last?.isDone == true)
        #expect(found.first?.isDone == false)
    }

    @Test func eventsAreBounded() throws {
        var parser = SSEParser(eventBytesMax: 10)
        #expect(try parser.consume(Bytes("data: 1234\n\ndata: 1234\n\n".utf8)).count == 2)
        #expect(throws: AnswerError.eventTooLong(bytesMax: 10)) { try parser.consume(Bytes("data: 12345".utf8)) }
        var lines = SSEParser(eventBytesMax: 16)
        #expect(throws: AnswerError.eventTooLong(bytesMax: 16)) {
            for _ in 0..<10 { _ = try lines.consume(Bytes("data: 12\n".utf8)) }
        }
        var comment = SSEParser(eventBytesMax: 10)
        #expect(throws: AnswerError.eventTooLong(bytesMax: 10)) {
            for _ in 0..<20 { _ = try comment.consume([UInt8(ascii: ":")]) }
        }
    }

    /// Whatever arrives, it means the same in one piece and byte by byte, and is refused at the same place.
    @Test(arguments: 0..<20 as Range<UInt64>) func cutsChangeNothing(_ seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let alphabet = Bytes("data: []DONE\n\r\n\r:{}\"\u{feff}".utf8)
        for _ in 0..<300 {
            let bytes = (0..<Int(random.next() % 120)).map { _ in alphabet[Int(random.next() % UInt64(alphabet.count))]
            }
            var whole = SSEParser(eventBytesMax: 24)
            var cut = SSEParser(eventBytesMax: 24)
            var found: [SSEEvent] = []
            let refusedCut = (try? bytes.forEach { found += try cut.consume([$0]) }) == nil
            let foundWhole = try? whole.consume(bytes)
            #expect((foundWhole == nil) == refusedCut)
            if let foundWhole { #expect(foundWhole == found) }
        }
    }
}
