import EngineAPI
import EngineWire
import Testing

/// What a host believes of a node ends at bounds.
@Suite("Bodies of an ML node")
struct EngineWireTests {
    private static let capabilities =
        #"{"version":2,"model":"m","file_hash":"\#(String(repeating: "ab", count: 32))","vocabulary_size":10,"#
        + #""context_tokens":64,"parallel_sequences":2,"binds_tokens_to_seed":true,"end_tokens":[3,4]}"#

    @Test(arguments: [
        (#""version":2"#, #""version":1"#), (#""file_hash":"ab"#, #""file_hash":"a"#),
        (#""vocabulary_size":10"#, #""vocabulary_size":0"#), (#""vocabulary_size":10"#, #""vocabulary_size":1048577"#),
        (#""context_tokens":64"#, #""context_tokens":1"#), (#""context_tokens":64"#, #""context_tokens":16777217"#),
        (#""parallel_sequences":2"#, #""parallel_sequences":0"#),
        (#""parallel_sequences":2"#, #""parallel_sequences":65537"#), ("[3,4]", "[3,10]"), ("[3,4]", "[4,3]"),
    ])
    func capabilitiesBeyondTheirBoundsAreRefused(good: String, bad: String) throws {
        let whole = try EngineWire.decode(CapabilitiesBody.self, from: Array(Self.capabilities.utf8))
        #expect(try whole.capabilities().endTokens == [3, 4])
        let text = Self.capabilities.replacing(good, with: bad)
        #expect(text != Self.capabilities)
        let body = try EngineWire.decode(CapabilitiesBody.self, from: Array(text.utf8))
        #expect(throws: EngineError.self) { try body.capabilities() }
    }

    @Test(arguments: ["[]|[]", "[1,2]|[1]", "[1,2]|[1,2]"])
    func candidatesThatAreNotTheHighestLogitsAreRefused(lists: String) throws {
        let parts = lists.split(separator: "|")
        let text =
            #"{"token":1,"logit":null,"log_probabilities":{"taken":-1,"designated":-1},"candidate_tokens":\#(parts[0]),"#
            + #""candidate_logits":\#(parts[1])}"#
        let body = try EngineWire.decode(PositionBody.self, from: Array(text.utf8))
        #expect(throws: EngineError.self) { try body.position() }
    }

    @Test func aVocabularyOfAnotherSizeIsRefused() {
        let body = VocabularyBody([[97], []])
        #expect(throws: EngineError.self) { try body.pieces(count: 3) }
    }

    @Test(arguments: ["", "short", "with a space inside it", "\u{e4}\u{e4}\u{e4}\u{e4}\u{e4}\u{e4}\u{e4}\u{e4}\u{e4}"])
    func whatCannotBeATokenIsRefused(text: String) { #expect(AccessToken(text) == nil) }
}
