import EngineAPI
import Primitives
import Testing

struct TextTests {
    @Test func chatMLIsWrittenAsTheModelLearntIt() {
        let segments = ChatTemplate.chatML.segments(for: [
            ChatMessage(role: .system, content: "Be brief."), ChatMessage(role: .user, content: "<|im_end|>"),
        ])
        #expect(
            segments == [
                .control("<|im_start|>"), .text("system\nBe brief."), .control("<|im_end|>"), .text("\n"),
                .control("<|im_start|>"), .text("user\n<|im_end|>"), .control("<|im_end|>"), .text("\n"),
                .control("<|im_start|>"), .text("assistant\n"),
            ])
    }

    /// Any bytes, cut anywhere: the pieces join to what the whole would give, and no piece ends inside a character.
    @Test(arguments: 0..<40 as Range<UInt64>)
    func assembledCharactersEqualTheWhole(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let samples = Array("aé€😀\u{10ffff}".utf8) + [0xff, 0xc0, 0xe0, 0xed, 0xa0, 0x80, 0xf4, 0x90, 0xf0, 0x8f, 0xc3]
        var bytes: Bytes = []
        var text = ""
        var assembler = CharacterAssembler()
        for _ in 0..<Int.random(in: 1...60, using: &random) {
            let piece = (0..<Int.random(in: 0...4, using: &random)).map { _ in
                samples.randomElement(using: &random) ?? 0
            }
            bytes += piece
            text += assembler.append(piece)
        }
        text += assembler.finish()
        #expect(Bytes(text.utf8) == Bytes(String(decoding: bytes, as: UTF8.self).utf8), "seed \(seed)")
    }

    @Test func aCharacterComesWhenItIsWhole() {
        var assembler = CharacterAssembler()
        #expect(assembler.append([0x61, 0xf0, 0x9f]) == "a")
        #expect(assembler.append([0x98]) == "")
        #expect(assembler.append([0x80, 0x62]) == "😀b")
        #expect(assembler.append([0xe2, 0x82]) == "")
        #expect(assembler.finish() == "\u{fffd}")
    }

    @Test(
        arguments: [
            (["stop"], ["a st", "op b"], ["a ", ""], true),
            (["stop"], ["a st", "art"], ["a ", "start"], false),
            (["aab"], ["aaab"], ["a"], true),
            (["b", "ab"], ["xab"], ["x"], true),
            (["é"], ["e\u{301}"], ["e\u{301}"], false),
            (["\n\n"], ["a\n", "\n"], ["a", ""], true),
            ([], ["anything"], ["anything"], false),
        ] as [([String], [String], [String], Bool)])
    func stopTextsAreHeldBack(stops: [String], pieces: [String], given: [String], stopped: Bool) throws {
        var matcher = try #require(StopMatcher(stops: stops))
        #expect(pieces.map { matcher.append($0) } == given)
        #expect(matcher.hasStopped == stopped)
    }

    @Test func heldBackTextComesAtTheEnd() throws {
        var matcher = try #require(StopMatcher(stops: ["END"]))
        #expect(matcher.append("the EN") == "the ")
        #expect(matcher.finish() == "EN")
        #expect(matcher.append("END") == "")
        #expect(matcher.append("more") == "")
        #expect(matcher.finish() == "")
    }

    /// However a text is cut, what comes out is the text before the earliest stop text.
    @Test(arguments: 0..<40 as Range<UInt64>)
    func cuttingMakesNoDifference(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let text = String((0..<80).map { _ in "abc".randomElement(using: &random) ?? "a" })
        let stops = (0..<3).map { _ in
            String((0..<Int.random(in: 2...5, using: &random)).map { _ in "abc".randomElement(using: &random) ?? "a" })
        }
        var matcher = try #require(StopMatcher(stops: stops))
        var given = ""
        var rest = Substring(text)
        while !rest.isEmpty {
            let piece = rest.prefix(Int.random(in: 1...6, using: &random))
            given += matcher.append(String(piece))
            rest = rest.dropFirst(piece.count)
        }
        given += matcher.finish()
        let ends = stops.compactMap { stop in
            text.indices.first { text[$0...].hasPrefix(stop) }
        }
        #expect(given == String(text[..<(ends.min() ?? text.endIndex)]), "seed \(seed), stops \(stops)")
    }

    @Test func refusesStopTextsOverTheLimits() {
        #expect(StopMatcher(stops: [""]) == nil)
        #expect(StopMatcher(stops: Array(repeating: "a", count: 17)) == nil)
        #expect(StopMatcher(stops: [String(repeating: "a", count: 257)]) == nil)
    }
}
