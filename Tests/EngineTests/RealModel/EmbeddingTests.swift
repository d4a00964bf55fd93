import EngineAPI
import ProtocolRules
import Testing

@testable import LlamaEngine

@Suite("Embeddings of the real model", .enabled(if: RealModel.isThere), .serialized)
struct EmbeddingTests {
    private let engine: LlamaCppEngine

    init() throws { engine = try RealModel.engine.get() }

    private func embed(_ text: String) async throws -> [Float] { try await engine.embed(try engine.tokenize(text)) }

    private func likeness(_ first: [Float], _ second: [Float]) -> Double {
        zip(first, second).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }

    @Test func sameTextHasTheSameBitsBesideOtherWork() async throws {
        let text = String(repeating: "The ship left the harbour at dawn. ", count: 20)
        let alone = try await embed(text)
        #expect(alone.count == 576)
        #expect(Embedding.isNormalised(alone))
        let request = GenerateRequest(
            prompt: try RealModel.prompt("Tell me a story."), sampling: .plain, seed: RealModel.seed(1),
            maximumTokens: 40, ignoresEndTokens: true)
        async let tokens = RealModel.generate(request, on: engine)
        let beside = try await embed(text)
        #expect(beside == alone)
        #expect(try await tokens.count == 40)
    }

    @Test func paraphrasesAreCloserThanOtherSubjects() async throws {
        let cat = try await embed("A small cat sleeps on the sofa.")
        let kitten = try await embed("A little kitten is asleep on the couch.")
        let shares = try await embed("Shares fell sharply after the bank raised its interest rate.")
        #expect(likeness(cat, kitten) > likeness(cat, shares))
        #expect(likeness(cat, shares) < 0.999)
    }

    /// A long text's mean is of all its tokens, wherever it is cut for the steps.
    @Test func cutsChangeLittle() throws {
        let model = try RealModel.model.get()
        let configuration = RealModel.configuration(path: try #require(RealModel.path), contextTokens: 256)
        let tokens = Array(model.tokenize(String(repeating: "One two three four five. ", count: 40)).prefix(120))
        #expect(tokens.count == 120)
        let context = try EmbeddingContext(model: model, configuration: configuration)
        var means: [[Float]] = []
        for cuts in [[0, 64, 120], [0, 50, 100, 120]] {
            var sum: [Double] = []
            for (start, end) in zip(cuts, cuts.dropFirst()) {
                let part = try context.sum(of: tokens[start..<end], at: start)
                sum = sum.isEmpty ? part : zip(sum, part).map(+)
            }
            means.append(try #require(Embedding.normalised(sum)))
            context.clear()
        }
        #expect(likeness(means[0], means[1]) > 0.999_9)
    }

    @Test func whatCannotBeEmbeddedIsRefused() async throws {
        await #expect(throws: EngineError.unsupported(field: "prompt")) { try await engine.embed([]) }
        await #expect(throws: EngineError.unsupported(field: "prompt")) { try await engine.embed([49152]) }
        await #expect(throws: EngineError.promptTooLong(tokens: 513, limit: 512)) {
            try await engine.embed(Array(repeating: 20, count: 513))
        }
        #expect(try await engine.embed(Array(repeating: 20, count: 512)).count == 576)
    }

    @Test func whoLeavesOrStopsIsForgotten() async throws {
        let own = try LlamaCppEngine(
            RealModel.configuration(path: try #require(RealModel.path), sequences: 1, contextTokens: 256))
        let long = Array(repeating: TokenID(20), count: 256)
        let left = Task { try await own.embed(long) }
        left.cancel()
        await #expect(throws: EngineError.cancelled) { try await left.value }
        #expect(try await own.embed([20, 21]).count == 576)
        await own.stop()
        await #expect(throws: EngineError.stopped) { try await own.embed([20]) }
    }
}
