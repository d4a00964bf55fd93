import EngineAPI
import ProtocolRules
import Testing

@testable import LlamaEngine

/// An engine that fails again and again, or that does not come back from a step.
@Suite("A broken engine", .enabled(if: RealModel.isThere), .serialized, .timeLimit(.minutes(5)))
struct BrokenEngineTests {
    private static func configuration(sequences: Int = 2) throws -> LlamaConfiguration {
        RealModel.configuration(path: try #require(RealModel.path), sequences: sequences, contextTokens: 256)
    }

    private static func request(maximumTokens: Int = 8) -> GenerateRequest {
        GenerateRequest(
            prompt: [20, 21, 22], sampling: .plain, seed: RealModel.seed(1), maximumTokens: maximumTokens,
            ignoresEndTokens: true)
    }

    @Test func failingStepsEndInANewContext() async throws {
        var configuration = try Self.configuration()
        configuration.failsStep = { (2..<(2 + Limits.failedStepsMax)).contains($0) }
        let engine = try LlamaCppEngine(configuration)
        var failures = 0
        var answer: [GeneratedToken]?
        while answer == nil, failures < 10 {
            do {
                answer = try await RealModel.generate(Self.request(), on: engine)
            } catch let error as EngineError {
                guard case .failed = error else { throw error }
                failures += 1
            }
        }
        #expect(failures == Limits.failedStepsMax)
        #expect(answer?.count == 8)
        // As good as new: what it says is what an engine says that never failed.
        let sound = try LlamaCppEngine(try Self.configuration())
        let expected = try await RealModel.generate(Self.request(), on: sound)
        #expect(try await RealModel.generate(Self.request(), on: engine) == expected)
        await sound.stop()
        await engine.stop()
    }

    @Test func withoutAContextItRefusesAndStops() async throws {
        var configuration = try Self.configuration()
        configuration.failsStep = { _ in true }
        configuration.failsRebuild = { _ in true }
        let engine = try LlamaCppEngine(configuration)
        // Those whose steps fail, then those who come to an engine without a context.
        var reason = ""
        for _ in 0..<1_000 where !reason.contains("anew") {
            do { _ = try await RealModel.generate(Self.request(), on: engine) } catch { reason = "\(error)" }
        }
        #expect(reason.contains("anew"))
        await #expect(throws: EngineError.self) { try await engine.embed([20]) }
        await engine.stop()
        await #expect(throws: EngineError.stopped) { try await RealModel.generate(Self.request(), on: engine) }
    }

    @Test func aStepThatDoesNotEndIsGivenUpAndOthersAreAsked() async throws {
        let gate = StepGate(holding: 2)
        var configuration = try Self.configuration()
        configuration.failsStep = { gate.pass($0) }
        configuration.stepLimit = .seconds(2)
        let hanging = try LlamaCppEngine(configuration)
        let running = Task { try await RealModel.generate(Self.request(), on: hanging) }
        await gate.reached()
        let waiting = Task {
            try await hanging.score(
                ScoreRequest(prompt: [20], output: [21], sampling: .plain, seed: RealModel.seed(1)))
        }
        let hangs = EngineError.failed(reason: "a step takes more than 2.0 seconds")
        await #expect(throws: hangs) { try await running.value }
        await #expect(throws: hangs) { try await waiting.value }
        await #expect(throws: hangs) { try await RealModel.generate(Self.request(), on: hanging) }
        // Whoever has another engine of the model is served by that one.
        let sound = try LlamaCppEngine(try Self.configuration())
        let pool = try #require(EnginePool([hanging, sound]))
        let answer: [GeneratedToken] = try await pool.generate(Self.request()).reduce(into: []) { $0.append($1) }
        #expect(answer.count == 8)
        // Stopping does not wait for it either.
        await hanging.stop()
        gate.open()
        await sound.stop()
    }

    @Test func aStepThatEndsLateIsForgiven() async throws {
        let gate = StepGate(holding: 1)
        var configuration = try Self.configuration()
        configuration.failsStep = { gate.pass($0) }
        configuration.stepLimit = .seconds(2)
        let engine = try LlamaCppEngine(configuration)
        await #expect(throws: EngineError.self) { try await RealModel.generate(Self.request(), on: engine) }
        gate.open()
        var answer: [GeneratedToken]?
        // It is back once its context is.
        while answer == nil { answer = try? await RealModel.generate(Self.request(), on: engine) }
        #expect(answer?.count == 8)
        await engine.stop()
    }
}
