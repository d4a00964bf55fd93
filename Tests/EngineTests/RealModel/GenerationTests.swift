import EngineAPI
import Foundation
import ProtocolRules
import Testing

@testable import LlamaEngine

@Suite(.enabled(if: RealModel.isThere), .serialized)
struct GenerationTests {
    private let engine: LlamaCppEngine

    init() throws { engine = try RealModel.engine.get() }

    private func request(
        _ question: String, seed: UInt8 = 1, sampling: SamplingParameters = .plain, maximumTokens: Int = 24
    ) throws -> GenerateRequest {
        GenerateRequest(
            prompt: try RealModel.prompt(question), sampling: sampling, seed: RealModel.seed(seed),
            maximumTokens: maximumTokens)
    }

    private func text(_ request: GenerateRequest, on engine: LlamaCppEngine) async throws -> String {
        try await RealModel.generate(request, on: engine).map(\.text).joined()
    }

    @Test func modelIsTheOneOfRecord() throws {
        #expect(engine.capabilities.fileHash == RealModel.fileHash)
        #expect(engine.capabilities.vocabularySize == 49152)
        #expect(engine.capabilities.endTokens.contains(2))
    }

    @Test func answersASimpleQuestion() async throws {
        let tokens = try await RealModel.generate(
            request("What is the capital of France?", sampling: .greedy, maximumTokens: 60), on: engine)
        #expect(tokens.map(\.text).joined().contains("Paris"))
        #expect(tokens.last?.end == .endToken)
        #expect(tokens.map(\.text).joined() == engine.text(of: tokens.map(\.token)))
    }

    /// On an engine that nobody else uses: a neighbour may tip a near-tie.
    @Test func sameSeedSameTextOtherSeedOtherText() async throws {
        let path = try #require(RealModel.path)
        let request = try request("Tell me about the sea.")
        var texts: [String] = []
        for _ in 0..<2 {
            let lone = try LlamaCppEngine(RealModel.configuration(path: path, sequences: 1))
            texts.append(try await text(request, on: lone))
            texts.append(try await text(request, on: lone))
            #expect(try await text(self.request("Tell me about the sea.", seed: 2), on: lone) != texts[0])
            await lone.stop()
        }
        #expect(Set(texts).count == 1)
    }

    /// The begun tokens are read, and the next are chosen with the noise of their positions.
    @Test func begunAnswersEndAsTheyWouldHave() async throws {
        func request(begun: [TokenID]) throws -> GenerateRequest {
            GenerateRequest(
                prompt: try RealModel.prompt("Tell me about the sea."), sampling: .plain, seed: RealModel.seed(1),
                maximumTokens: 24, begun: begun)
        }
        let whole = try await RealModel.generate(try request(begun: []), on: engine).map(\.token)
        let rest = try await RealModel.generate(try request(begun: Array(whole.prefix(10))), on: engine)
        #expect(rest.count == whole.count - 10)
        // Read at once or one by one: a near-tie may fall the other way, and not more.
        #expect(rest.first?.token == whole[10])
        let none = GenerateRequest(
            prompt: [20], sampling: .plain, seed: RealModel.seed(1), maximumTokens: 2, begun: [20, 20])
        await #expect(throws: EngineError.unsupported(field: "maximumTokens")) {
            try await RealModel.generate(none, on: engine)
        }
    }

    @Test func penaltiesMakeRepetitionRare() async throws {
        let penalised = try SamplingParameters(
            temperature: 0, presencePenalty: 2_000_000, frequencyPenalty: 2_000_000)
        var distinct: [Int] = []
        for sampling in [SamplingParameters.greedy, penalised] {
            let request = GenerateRequest(
                prompt: try RealModel.prompt("Repeat the word apple."), sampling: sampling, seed: RealModel.seed(1),
                maximumTokens: 60, ignoresEndTokens: true)
            distinct.append(Set(try await RealModel.generate(request, on: engine).map(\.token)).count)
        }
        #expect(distinct[1] > distinct[0] + 10, "\(distinct)")
    }

    /// In a crowd of other sequences an answer is nearly the same tokens: a near-tie may fall the other way.
    @Test func crowdChangesLittle() async throws {
        let questions = ["Name a colour.", "Count to ten.", "What is rain?", "Why is the sky blue?", "Say hello."]
        var alone: [[TokenID]] = []
        for question in questions {
            alone.append(try await RealModel.generate(request(question), on: engine).map(\.token))
        }
        let together = try await withThrowingTaskGroup(of: (Int, [TokenID]).self) { group in
            for (index, question) in questions.enumerated() {
                let request = try request(question)
                group.addTask { (index, try await RealModel.generate(request, on: engine).map(\.token)) }
            }
            return try await group.reduce(into: [Int: [TokenID]]()) { $0[$1.0] = $1.1 }
        }
        let equal = alone.enumerated().count { together[$0.offset] == $0.element }
        #expect(equal >= 3)
    }

    @Test func endingTheIterationFreesTheSequence() async throws {
        let long = GenerateRequest(
            prompt: try RealModel.prompt("Write a long story."), sampling: .plain, seed: RealModel.seed(3),
            maximumTokens: 400, ignoresEndTokens: true)
        // More of them than there are sequences: each must make room for the next.
        for _ in 0..<20 {
            for try await _ in engine.generate(long) { break }
        }
        let task = Task { [engine] in try await RealModel.generate(long, on: engine) }
        task.cancel()
        let cut = try? await task.value
        #expect((cut?.count ?? 0) < 400)
        #expect(try await text(request("Say hello."), on: engine).isEmpty == false)
    }

    @Test func contextsEndEndsTheAnswer() async throws {
        let prompt = try RealModel.prompt("Hello")
        let request = GenerateRequest(
            prompt: prompt + Array(repeating: 20, count: 500 - prompt.count), sampling: .plain,
            seed: RealModel.seed(1), maximumTokens: 100, ignoresEndTokens: true)
        let tokens = try await RealModel.generate(request, on: engine)
        #expect(tokens.count == 12)
        #expect(tokens.last?.end == .maximumTokens)
    }

    @Test func promptOverTheContextIsRefused() async throws {
        let text = String(repeating: "many words ", count: 400)
        #expect(throws: EngineError.promptTooLong(tokens: 810, limit: 512)) {
            try engine.render([ChatMessage(role: .user, content: text)])
        }
        // Far too long: refused by its length alone.
        let huge = String(repeating: "a", count: 10 << 20)
        #expect(throws: EngineError.self) { try engine.render([ChatMessage(role: .user, content: huge)]) }
        await #expect(throws: EngineError.promptTooLong(tokens: 512, limit: 512)) {
            try await RealModel.generate(
                GenerateRequest(
                    prompt: Array(repeating: 20, count: 512), sampling: .plain, seed: RealModel.seed(1),
                    maximumTokens: 1), on: engine)
        }
    }

    @Test(arguments: [([], 1, "prompt"), ([49152], 1, "prompt"), ([20], 0, "maximumTokens")])
    func unusableRequestsAreRefused(prompt: [TokenID], maximumTokens: Int, field: String) async {
        await #expect(throws: EngineError.unsupported(field: field)) {
            try await RealModel.generate(
                GenerateRequest(
                    prompt: prompt, sampling: .plain, seed: RealModel.seed(1), maximumTokens: maximumTokens),
                on: engine)
        }
    }
}
