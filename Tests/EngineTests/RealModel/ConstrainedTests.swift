import EngineAPI
import Grammar
import Primitives
import ProtocolRules
import Testing
import WireFormat

@testable import LlamaEngine

/// Schemas and tool calls on the real model, each answer scored as an auditor does.
@Suite("The real model under grammars", .enabled(if: RealModel.isThere), .serialized, .timeLimit(.minutes(5)))
struct ConstrainedTests {
    private let engine: LlamaCppEngine

    init() throws { engine = try RealModel.engine.get() }

    private func request(_ question: String, _ grammar: String, _ sampling: SamplingParameters) throws
        -> GenerateRequest
    {
        GenerateRequest(
            prompt: try RealModel.prompt(question), sampling: sampling, seed: RealModel.seed(21), maximumTokens: 160,
            constraints: OutputConstraints(grammar: grammar))
    }

    private func margin(_ output: [TokenID], of request: GenerateRequest) async throws -> UInt64 {
        let result = try await engine.score(
            ScoreRequest(
                prompt: request.prompt, output: output, sampling: request.sampling, seed: request.seed,
                constraints: request.constraints))
        return Margin(result, sampling: request.sampling, seed: request.seed).microNats
    }

    private static let person: JSONValue = [
        "type": "object",
        "properties": [
            "name": ["type": "string", "maxLength": 30], "age": ["type": "integer", "minimum": 0, "maximum": 120],
            "mood": ["enum": ["glad", "sad", .null]],
            "pets": ["type": "array", "items": ["type": "string", "maxLength": 12], "maxItems": 3],
        ],
        "required": ["name", "age", "mood", "pets"], "additionalProperties": .boolean(false),
    ]

    @Test(arguments: [SamplingParameters.greedy, .plain])
    func answersFollowASchema(sampling: SamplingParameters) async throws {
        let request = try request(
            "Describe a person as JSON.", try JSONSchemaGrammar.grammar(for: Self.person), sampling)
        let answer = try await RealModel.generate(request, on: engine)
        #expect(answer.last?.end == .endToken)
        let value = try JSONParser.parse(Bytes(answer.map(\.text).joined().utf8))
        #expect(value.object?.members.map(\.key) == ["name", "age", "mood", "pets"])
        #expect((0...120).contains(try #require(value["age"]?.number?.int64)))
        #expect(try #require(value["pets"]?.array).count <= 3)
        #expect(try await margin(answer.map(\.token), of: request) <= 3000)
    }

    @Test func textOfAnyScriptStaysWhole() async throws {
        let schema: JSONValue = ["type": "string", "minLength": 5, "maxLength": 20]
        for seed in 0..<3 as Range<UInt8> {
            let request = GenerateRequest(
                prompt: try RealModel.prompt("Greet me in Japanese, Russian and with an emoji."),
                sampling: try SamplingParameters(temperature: 1_800_000), seed: RealModel.seed(seed),
                maximumTokens: 100,
                constraints: OutputConstraints(grammar: try JSONSchemaGrammar.grammar(for: schema)))
            let answer = try await RealModel.generate(request, on: engine)
            let text = try #require(try JSONParser.parse(Bytes(answer.map(\.text).joined().utf8)).string)
            #expect((5...20).contains(text.unicodeScalars.count))
            #expect(try await margin(answer.map(\.token), of: request) <= 3000)
        }
    }

    @Test func aForcedCallIsACall() async throws {
        let tools = [
            ToolDefinition(
                name: "get_weather",
                parameters: [
                    "type": "object",
                    "properties": [
                        "city": ["type": "string", "maxLength": 20], "unit": ["enum": ["celsius", "kelvin"]],
                    ],
                    "required": ["city", "unit"], "additionalProperties": .boolean(false),
                ])
        ]
        let grammar = try ToolCallGrammar.grammar(tools: tools, choice: .required, isParallel: false)
        let request = try request("What is the weather in Paris?", grammar, .plain)
        let answer = try await RealModel.generate(request, on: engine)
        var parser = ToolCallText()
        let events = parser.append(answer.map(\.text).joined())
        #expect(events.first == .callBegins(index: 0, name: "get_weather") && events.last == .callEnds(index: 0))
        #expect(try await margin(answer.map(\.token), of: request) <= 3000)
    }

    /// The same question without the grammar: every token of that answer counts against it.
    @Test func anAnswerOutsideTheGrammarIsFound() async throws {
        let grammar = try JSONSchemaGrammar.grammar(for: Self.person)
        let request = try request("Describe a person as JSON.", grammar, .plain)
        let free = GenerateRequest(
            prompt: request.prompt, sampling: request.sampling, seed: request.seed, maximumTokens: 40)
        let answer = try await RealModel.generate(free, on: engine)
        #expect(try await margin(answer.map(\.token), of: request) > 1_000_000)
        // One letter of an honest answer exchanged for a line break inside a string.
        let honest = try await RealModel.generate(request, on: engine).map(\.token)
        let lineBreak = try #require(try RealModel.model.get().tokenize("\n").first)
        var tampered = honest
        tampered[honest.count / 2] = lineBreak
        #expect(try await margin(tampered, of: request) > 3000)
    }

    @Test func begunAnswersGoOnInTheGrammar() async throws {
        let request = try request("Describe a person.", try JSONSchemaGrammar.grammar(for: Self.person), .plain)
        let whole = try await RealModel.generate(request, on: engine).map(\.token)
        let begun = Array(whole.prefix(6))
        let rest = try await RealModel.generate(
            GenerateRequest(
                prompt: request.prompt, sampling: request.sampling, seed: request.seed, maximumTokens: 160,
                begun: begun,
                constraints: request.constraints), on: engine
        ).map(\.token)
        let text = engine.text(of: (begun + rest).filter { !engine.capabilities.endTokens.contains($0) })
        #expect(try JSONParser.parse(Bytes(text.utf8)).object != nil)
        #expect(try await margin(begun + rest, of: request) <= 3000)
    }
}
