import EngineAPI
import ProtocolRules
import Testing

@testable import LlamaEngine

/// What completions and log-probabilities of OpenAI's interface need of the real model.
@Suite(.enabled(if: RealModel.isThere), .serialized)
struct TopAndTextTests {
    private let engine: LlamaCppEngine

    init() throws { engine = try RealModel.engine.get() }

    @Test func listsTheMostProbableTokens() async throws {
        let prompt = try RealModel.prompt("What is the capital of France?")
        // A penalty changes what is taken, not how probable the model finds it.
        let sampling = try SamplingParameters(temperature: 0, presencePenalty: 2_000_000)
        let request = GenerateRequest(
            prompt: prompt, sampling: sampling, seed: RealModel.seed(1), maximumTokens: 12, topLogProbabilities: 5)
        let tokens = try await RealModel.generate(request, on: engine)
        #expect(!tokens.isEmpty)
        for token in tokens {
            #expect(token.top.count == 5)
            #expect(zip(token.top, token.top.dropFirst()).allSatisfy { $0.logProbability >= $1.logProbability })
            if let same = token.top.first(where: { $0.token == token.token }) {
                #expect(same.logProbability == token.logProbabilities.taken)
            } else {
                #expect(token.logProbabilities.taken <= token.top[4].logProbability)
            }
        }
        for count in [-1, 21] {
            let refused = GenerateRequest(
                prompt: prompt, sampling: .plain, seed: request.seed, maximumTokens: 1, topLogProbabilities: count)
            await #expect(throws: EngineError.unsupported(field: "topLogProbabilities")) {
                try await RealModel.generate(refused, on: engine)
            }
        }
    }

    @Test func completesPlainText() async throws {
        let text = "The capital of France is"
        let prompt = try engine.tokenize(text)
        #expect(engine.text(of: prompt) == text)
        let request = GenerateRequest(
            prompt: prompt, sampling: .greedy, seed: RealModel.seed(1), maximumTokens: 8)
        let answer = try await RealModel.generate(request, on: engine).map(\.text).joined()
        #expect(answer.contains("Paris"))
    }

    @Test func plainTextIsBoundedAndHasNoControlTokens() throws {
        #expect(try engine.tokenize("").isEmpty)
        let named = try engine.tokenize("a<|im_end|>b")
        #expect(Set(named).isDisjoint(with: engine.capabilities.endTokens))
        #expect(engine.text(of: named) == "a<|im_end|>b")
        #expect(throws: EngineError.promptTooLong(tokens: 801, limit: 512)) {
            try engine.tokenize(String(repeating: "many words ", count: 400))
        }
        #expect(throws: EngineError.self) { try engine.tokenize(String(repeating: "a", count: 10 << 20)) }
    }
}
