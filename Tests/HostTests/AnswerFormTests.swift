import Cryptography
import EngineAPI
import Messages
import OpenAIWire
import Primitives
import ProtocolRules
import StubEngine
import TestSupport
import Testing
import WireFormat

@testable import HostRoles

@Suite("Answers of several choices, of calls, of vectors")
struct AnswerFormTests {
    private static let call = "<tool_call>\n{\"name\": \"add\", \"arguments\": {\"a\":1}}\n</tool_call>"
    private static let tool =
        #"{"type":"function","function":{"name":"add","parameters":{"type":"object","properties":{"a":{"type":"integer"}}}}}"#

    private static func body(_ members: String) -> String {
        #"{"model":"test-model","messages":[{"role":"user","content":"Hi"}],"max_tokens":200,\#(members)}"#
    }

    /// What a client puts together of an answer, and its items by choice.
    private static func whole(
        _ answer: LiveAnswer
    ) async throws -> (choices: [ChatCompletionResponse.Choice], items: [FinishedItem]) {
        var parts = Array(repeating: AssembledChoice(), count: Int(answer.choices))
        var ended: [ChatCompletionResponse.Choice] = []
        var items: [FinishedItem] = []
        for try await event in answer.events {
            switch event {
            case .piece(let piece, let choice): try parts[Int(choice)].add(piece)
            case .finished(let item, let reason):
                let choice = try #require(item.serving?.choice)
                ended.append(parts[Int(choice)].ended(choice, reason))
                items.append(item)
            }
        }
        return (
            ended.sorted { $0.index < $1.index },
            items.sorted { ($0.serving?.choice ?? 0) < ($1.serving?.choice ?? 0) }
        )
    }

    @Test("Each choice is an item of its own, drawn with a seed of its own; again they come from store")
    func choices() async throws {
        let scene = try await HostScene(engine: ScriptedEngine(model: "test-model"))
        let request = await scene.request(Self.body(#""n":3,"seed":7"#).replacing("200", with: "12"))
        let (choices, items) = try await Self.whole(try await scene.executor.answer(request))
        #expect(choices.map(\.index) == [0, 1, 2])
        #expect(Set(choices.map(\.content)).count == 3, "letters by three seeds")
        #expect(Set(items.compactMap(\.serving?.number)) == [1, 2, 3])
        #expect(Set(items.map(\.item.seed)).count == 3)
        #expect(items.allSatisfy { $0.item.outputTokens == 12 && $0.item.finishReason == .length })
        #expect(scene.executor.load.reading == .init(running: 0, waiting: 0, capacity: 64, repeating: 0))
        let again = try await Self.whole(try await scene.executor.answer(request))
        #expect(again.choices == choices)
        #expect(again.items == items)
    }

    @Test("One choice that fails ends the others; they are items for what they made, and nothing stays reserved")
    func oneChoiceFails() async throws {
        let failing = Turnstile()
        let scene = try await HostScene(
            engine: ScriptedEngine(model: "test-model", answer: "Hello there") { position in
                if position == 3 { try await failing.pass() }
            })
        let request = await scene.request(Self.body(#""n":2"#))
        let answer = try await scene.executor.answer(request)
        answer.cancel()
        let items = try? await Self.whole(answer).items
        #expect(items?.allSatisfy { $0.item.finishReason == .cancelled } ?? true)
        await failing.open()
        // All of the allotment may be asked for again, less what was made.
        let next = await scene.request(Self.body(#""n":1"#), sequence: 2)
        let (choices, _) = try await Self.whole(try await scene.executor.answer(next))
        #expect(choices.map(\.content) == ["Hello there"])
    }

    @Test("A call of a function comes with its name, its arguments and an id that stays; the receipt stands for them")
    func calls() async throws {
        let scene = try await HostScene(engine: ScriptedEngine(model: "test-model", answer: Self.call))
        let request = await scene.request(Self.body("\"tools\":[\(Self.tool)]"))
        let (choices, items) = try await Self.whole(try await scene.executor.answer(request))
        let choice = try #require(choices.first)
        #expect(choice.content.isEmpty)
        #expect(choice.finishReason == .toolCalls)
        #expect(choice.toolCalls.map(\.name) == ["add"])
        #expect(choice.toolCalls.map(\.arguments) == [#"{"a":1}"#])
        var digest = AnswerDigest()
        digest.beginCall("add")
        digest.add(arguments: #"{"a":1}"#)
        #expect(items.first?.receipt.statement.answerDigest == digest.finalize())
        #expect(AnswerShaper.digest(of: Self.call, mayCall: true) == digest.finalize())
        #expect(try await Self.whole(try await scene.executor.answer(request)).choices == choices)
    }

    @Test("Where no tool may be called, the same text is text")
    func noCalls() async throws {
        let scene = try await HostScene(engine: ScriptedEngine(model: "test-model", answer: Self.call))
        let request = await scene.request(Self.body("\"tools\":[\(Self.tool)],\"tool_choice\":\"none\""))
        let (choices, items) = try await Self.whole(try await scene.executor.answer(request))
        #expect(choices.first?.content == Self.call)
        #expect(choices.first?.finishReason == .stop)
        #expect(items.first?.receipt.statement.answerDigest == .sha256(utf8: Self.call))
    }

    @Test("Log-probabilities name the tokens of the text, and none of a stop text; they are given again")
    func logprobs() async throws {
        let scene = try await HostScene(engine: ScriptedEngine(model: "test-model", answer: "Hello there"))
        let request = await scene.request(Self.body(#""logprobs":true,"top_logprobs":2,"stop":" th""#))
        let (choices, _) = try await Self.whole(try await scene.executor.answer(request))
        let entries = try #require(choices.first?.logprobs)
        #expect(choices.first?.content == "Hello")
        #expect(entries.compactMap { $0["token"]?.string }.joined() == "Hello")
        #expect(entries.allSatisfy { $0["top_logprobs"]?.array?.count == 2 })
        #expect(entries.allSatisfy { ($0["logprob"]?.number?.millionths ?? 1) <= 0 })
        #expect(try await Self.whole(try await scene.executor.answer(request)).choices == choices)
    }

    @Test("A stored answer goes out in pieces that an event holds, and says the same")
    func longRepeats() async throws {
        let text = String(repeating: "abcdefghij", count: 500)
        let scene = try await HostScene(
            engine: ScriptedEngine(model: "test-model", answer: text, contextTokens: 16_384))
        let body = Self.body(#""logprobs":true"#).replacing("200", with: "6000")
        let request = await scene.request(body, amount: 1_000_000_000)
        let (choices, _) = try await Self.whole(try await scene.executor.answer(request))
        var longest = (text: 0, logprobs: 0)
        for try await event in try await scene.executor.answer(request).events {
            guard case .piece(let piece, _) = event else { continue }
            longest = (max(longest.text, piece.text.count), max(longest.logprobs, piece.logprobs?.count ?? 0))
        }
        #expect(longest == (4_096, 64))
        #expect(try await Self.whole(try await scene.executor.answer(request)).choices == choices)
        #expect(choices.first?.content == text)
    }

    @Test("A text prompt is read as it stands")
    func textPrompt() async throws {
        let scene = try await HostScene(engine: ScriptedEngine(model: "test-model", answer: "Hi"))
        let request = await scene.request(#"{"model":"test-model","prompt":"Once","max_tokens":9}"#)
        let (choices, items) = try await Self.whole(try await scene.executor.answer(request))
        #expect(choices.first?.content == "Hi")
        #expect(items.first?.answer.promptTokens == Array("Once".utf8).map(TokenID.init))
    }

    @Test("A vector is an item: the prompt's tokens, one token of proof, and the numbers under the receipt")
    func embedding() async throws {
        let scene = try await HostScene(engine: ScriptedEngine(model: "test-model", answer: "Hi"))
        let request = await scene.request(#"{"model":"test-model","input":"Once"}"#)
        let (choices, items) = try await Self.whole(try await scene.executor.answer(request))
        let text = try #require(choices.first?.content)
        let bytes = try #require(Base64.decode(text))
        #expect(bytes.count % 4 == 0 && !bytes.isEmpty)
        let item = try #require(items.first)
        #expect(item.item.outputTokens == 1 && item.item.promptTokens == 4)
        #expect(item.item.sampling == .greedy)
        #expect(item.receipt.statement.answerDigest == .sha256(utf8: text))
    }

    @Test("A bias for a token that the model does not have is refused by name")
    func foreignBias() async throws {
        let scene = try await HostScene()
        let request = await scene.request(Self.body(#""logit_bias":{"100000":5}"#))
        await #expect { try await scene.executor.answer(request) } throws: {
            ($0 as? OpenAIError)?.code == .unsupportedValue && ($0 as? OpenAIError)?.param == "logit_bias"
        }
    }

    /// What auditor and developer score, derived from the body alone.
    @Test(
        "What a request demands of its answer is kept, and the audit sees it",
        arguments: [
            #""tools":[\#(tool)],"tool_choice":"required","parallel_tool_calls":false"#,
            #""response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object","properties":"#
                + #"{"a":{"enum":["x","yy",7]},"b":{"type":"integer","minimum":3,"maximum":12}},"required":["a","b"]}}}"#,
            #""response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"array","items":"#
                + #"{"type":"boolean"},"minItems":2,"maxItems":3}}}"#,
        ])
    func formsAreAudited(_ members: String) async throws {
        let engine = ScriptedEngine(model: "test-model", contextTokens: 8_192)
        let scene = try await HostScene(engine: engine)
        let request = await scene.request(Self.body("\(members),\"seed\":3"))
        let (choices, items) = try await Self.whole(try await scene.executor.answer(request))
        let item = try #require(items.first)
        #expect(choices.first?.finishReason == (members.contains("tools") ? .toolCalls : .stop))
        let json = choices.first?.toolCalls.first?.arguments ?? choices.first?.content ?? ""
        #expect(throws: Never.self) { try JSONParser.parse(Bytes(json.utf8)) }

        let parsed = try ChatCompletionRequest.parse(request.body)
        let prompt = try await Prompt.tokens(of: parsed, by: engine)
        #expect(prompt == item.answer.promptTokens)
        let constraints = try #require(
            Prompt.constraints(of: parsed, vocabularySize: engine.capabilities.vocabularySize))
        func margin(_ constraints: OutputConstraints) async throws -> UInt64 {
            let score = try await engine.score(
                ScoreRequest(
                    prompt: prompt, output: item.answer.outputTokens, sampling: parsed.sampling,
                    seed: ItemSeed(item.item.seed), constraints: constraints))
            return Margin(score, sampling: parsed.sampling, seed: ItemSeed(item.item.seed)).microNats
        }
        #expect(try await margin(constraints) == 0)
        #expect(try await margin(.none) > 3_000, "an audit that does not know the form finds the tokens wrong")
    }
}
