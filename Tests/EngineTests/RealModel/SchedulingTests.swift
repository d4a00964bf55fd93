import EngineAPI
import ProtocolRules
import Synchronization
import Testing

@testable import LlamaEngine

/// When which request is computed, counted in steps: a busy machine makes them longer, not more.
@Suite("Scheduling of the real engine", .enabled(if: RealModel.isThere), .serialized)
struct SchedulingTests {
    private static func engine(sequences: Int, contextTokens: Int = 512, _ steps: StepGate) throws -> LlamaCppEngine {
        try engine(sequences: sequences, contextTokens: contextTokens) { steps.pass($0) }
    }

    private static func engine(
        sequences: Int, contextTokens: Int = 512, onStep: @escaping @Sendable (Int) -> Bool
    ) throws -> LlamaCppEngine {
        var configuration = RealModel.configuration(
            path: try #require(RealModel.path), sequences: sequences, contextTokens: contextTokens)
        configuration.failsStep = onStep
        return try LlamaCppEngine(configuration)
    }

    private static func request(
        prompt: [TokenID] = [20, 21, 22], seed: UInt8 = 1, maximumTokens: Int
    ) -> GenerateRequest {
        GenerateRequest(
            prompt: prompt, sampling: .plain, seed: RealModel.seed(seed), maximumTokens: maximumTokens,
            ignoresEndTokens: true)
    }

    private final class Held: Sendable {
        private let stream = Mutex<AsyncThrowingStream<GeneratedToken, any Error>?>(nil)

        func hold(_ stream: AsyncThrowingStream<GeneratedToken, any Error>) { self.stream.withLock { $0 = stream } }

        /// Ends the generation: nobody reads it any more.
        func letGo() { stream.withLock { $0 = nil } }
    }

    @Test func whoLeavesGivesItsPlaceToTheNextStep() async throws {
        let held = Held()
        let steps = StepGate(holding: 0)
        let engine = try Self.engine(sequences: 1) { step in
            if step == 5 { held.letGo() }
            return steps.pass(step)
        }
        held.hold(engine.generate(Self.request(maximumTokens: 400)))
        await steps.reached()
        let next = engine.generate(Self.request(maximumTokens: 8))
        steps.open()
        #expect(try await next.reduce(0) { count, _ in count + 1 } == 8)
        // Steps 0 to 5 were the first one's, and each of the others gave a token of the second.
        #expect(steps.steps == 6 + 8)
        await engine.stop()
    }

    /// A token a step, while somebody else's prompt is read: 64 tokens of it a step, and no more.
    @Test func aLongPromptDelaysNobody() async throws {
        let steps = StepGate(holding: 3)
        let engine = try Self.engine(sequences: 2, steps)
        async let generating = RealModel.generate(Self.request(maximumTokens: 40), on: engine)
        await steps.reached()
        let prompt = Array(repeating: TokenID(20), count: 449)
        let reading = engine.generate(Self.request(prompt: prompt, maximumTokens: 1))
        steps.open()
        #expect(try await reading.reduce(0) { count, _ in count + 1 } == 1)
        #expect(try await generating.count == 40)
        // 448 tokens and the last in steps 4 to 10 and 11, within those that the other one needs anyway.
        #expect(steps.steps == 40)
        await engine.stop()
    }

    /// The same requests in the same steps give the same bits.
    @Test func sameBatchesGiveTheSameBits() async throws {
        var answers: [[[GeneratedToken]]] = []
        for _ in 0..<2 {
            let steps = StepGate(holding: 0)
            let engine = try Self.engine(sequences: 5, steps)
            async let blocker = RealModel.generate(Self.request(maximumTokens: 1), on: engine)
            await steps.reached()
            let questions = ["Name a colour.", "Count to ten.", "What is rain, and where does it come from?", "Hello!"]
            let streams = try questions.enumerated().map { index, question in
                engine.generate(
                    Self.request(
                        prompt: try RealModel.prompt(question), seed: UInt8(index), maximumTokens: 20 + 5 * index))
            }
            steps.open()
            _ = try await blocker
            var tokens: [[GeneratedToken]] = []
            for stream in streams { tokens.append(try await stream.reduce(into: []) { $0.append($1) }) }
            answers.append(tokens)
            await engine.stop()
        }
        #expect(answers[0].map(\.count) == [20, 25, 30, 35])
        #expect(answers[0] == answers[1])
    }

    /// Where one in the middle ends, the last takes its place, and goes on as it would have.
    @Test func gapsAreClosedWithoutATrace() async throws {
        let alone = try Self.engine(sequences: 1, StepGate())
        let request = Self.request(prompt: try RealModel.prompt("Tell me about rivers."), maximumTokens: 40)
        let expected = try await RealModel.generate(request, on: alone)
        await alone.stop()
        let steps = StepGate(holding: 0)
        let engine = try Self.engine(sequences: 4, steps)
        async let first = RealModel.generate(Self.request(seed: 2, maximumTokens: 60), on: engine)
        await steps.reached()
        let short = engine.generate(Self.request(seed: 3, maximumTokens: 3))
        let last = engine.generate(request)
        steps.open()
        #expect(try await short.reduce(0) { count, _ in count + 1 } == 3)
        let answer: [GeneratedToken] = try await last.reduce(into: []) { $0.append($1) }
        #expect(try await first.count == 60)
        #expect(answer.count == 40)
        let common = zip(answer, expected).prefix { $0.token == $1.token }
        let noise = common.map { abs($0.logProbabilities.taken - $1.logProbabilities.taken) }
        // It moved when it had three tokens or so.
        #expect(common.count > 4)
        #expect(noise.reduce(0, +) / Double(noise.count) < 0.01)
        await engine.stop()
    }
}
