import Testing

@testable import FaultyLink

@Suite("What a faulty link does with bytes") struct AnswerScriptTests {
    private static let answer = "HTTP/1.1 200 OK\r\n\r\none two two three"

    /// What comes of the answer in pieces of so many bytes, and how it ended.
    private static func sent(_ fault: LinkFault, piecesOf size: Int) -> (text: String, ends: [AnswerScript.Action]) {
        var script = AnswerScript(fault)
        var (text, ends): ([UInt8], [AnswerScript.Action]) = ([], [])
        var rest = Array(answer.utf8)[...]
        while !rest.isEmpty, ends.isEmpty {
            for action in script.answer(Array(rest.prefix(size))) {
                if case .pass(let bytes) = action { text += bytes } else { ends.append(action) }
            }
            rest = rest.dropFirst(size)
        }
        return (String(decoding: text, as: UTF8.self), ends)
    }

    @Test("However the bytes come, the fault is at its place", arguments: [1, 2, 5, 7, 100])
    func places(size: Int) {
        let cases: [(LinkFault, String, [AnswerScript.Action])] = [
            (.none, Self.answer, []),
            (.cutsAnswer(.byte(0)), "", [.cut]),
            (.cutsAnswer(.byte(8)), "HTTP/1.1", [.cut]),
            (.cutsAnswer(.before("two")), "HTTP/1.1 200 OK\r\n\r\none ", [.cut]),
            (.cutsAnswer(.after("two", 2)), "HTTP/1.1 200 OK\r\n\r\none two t", [.cut]),
            (.cutsAnswer(.before("two"), onRelease: true), "HTTP/1.1 200 OK\r\n\r\none ", [.hold(.cut)]),
            (.cutsAnswer(.before("four")), Self.answer, []),
            (.silences(.after("one")), "HTTP/1.1 200 OK\r\n\r\none", [.fallSilent]),
            (.changes(.before("two")), Self.answer.replacingFirst("two", "Awo"), []),
            (.changes(.byte(0)), "A" + Self.answer.dropFirst(), []),
            (.replaces("two", with: "TWO"), "HTTP/1.1 200 OK\r\n\r\none TWO TWO three", []),
            (.replays(Array("before".utf8)), "before", [.cut]),
        ]
        for (fault, text, ends) in cases {
            let sent = Self.sent(fault, piecesOf: size)
            #expect(sent.text == text && sent.ends == ends, "\(fault)")
        }
    }

    @Test("A byte that is an A becomes a B")
    func always() {
        var script = AnswerScript(.changes(.byte(1)))
        let actions = script.answer(Array("AAA".utf8)).filter { $0 != .pass([]) }
        #expect(actions == [.pass(Array("A".utf8)), .pass(Array("B".utf8)), .pass(Array("A".utf8))])
    }

    @Test("Held pieces have the size that is asked for")
    func pieces() {
        var script = AnswerScript(.holds(piecesOf: 2))
        #expect(script.answer([1, 2, 3]) == [.hold(.pass([1, 2])), .hold(.pass([3]))])
        #expect(script.answer([4]) == [.hold(.pass([4]))])
    }

    @Test("A request goes on up to where it is cut")
    func requests() {
        var script = AnswerScript(.cutsRequest(after: 3))
        #expect(script.request([1, 2]) == [.pass([1, 2])])
        #expect(script.request([3, 4]) == [.pass([3]), .cut])
        var atOnce = AnswerScript(.cutsRequest(after: 0))
        #expect(atOnce.request([1]) == [.pass([]), .cut])
    }
}

extension String {
    fileprivate func replacingFirst(_ text: String, _ other: String) -> String {
        guard let range = firstRange(of: text) else { return self }
        return replacingCharacters(in: range, with: other)
    }

    private func replacingCharacters(in range: Range<String.Index>, with other: String) -> String {
        String(self[..<range.lowerBound]) + other + String(self[range.upperBound...])
    }
}
