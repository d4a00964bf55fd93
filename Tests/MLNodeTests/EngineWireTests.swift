import EngineAPI
import EngineWire
import Grammar
import Primitives
import ProtocolRules
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

    @Test func constraintsComeThroughAndEndAtBounds() throws {
        let whole = OutputConstraints(
            bias: [TokenBias(token: 3, millionths: -5), TokenBias(token: 9, millionths: 100_000_000)],
            grammar: "root ::= \"\\n\u{e9}\"")
        let many = OutputConstraints(
            bias: (0...UInt32(OutputConstraints.biasMax)).map { TokenBias(token: $0, millionths: 1) })
        let long = OutputConstraints(grammar: String(repeating: "#", count: GrammarLimits.bytesMax + 1))
        func sent(_ constraints: OutputConstraints) throws -> (OutputConstraints, OutputConstraints) {
            let asked = GenerateRequest(
                prompt: [1], sampling: .plain, seed: ItemSeed(.zero), maximumTokens: 2, constraints: constraints)
            let audited = ScoreRequest(
                prompt: [1], output: [2], sampling: .plain, seed: ItemSeed(.zero), constraints: constraints)
            let bodies = (
                try EngineWire.encode(GenerateBody(asked, fileHash: .zero)),
                try EngineWire.encode(ScoreBody(audited, fileHash: .zero))
            )
            return (
                try EngineWire.decode(GenerateBody.self, from: bodies.0).request().constraints,
                try EngineWire.decode(ScoreBody.self, from: bodies.1).request().constraints
            )
        }
        for constraints in [OutputConstraints.none, whole, OutputConstraints(grammar: "")] {
            let (generate, score) = try sent(constraints)
            #expect(generate == constraints && score == constraints)
        }
        #expect(throws: EngineError.unsupported(field: "bias")) { try sent(many) }
        #expect(throws: EngineError.unsupported(field: "grammar")) { try sent(long) }
    }
}
