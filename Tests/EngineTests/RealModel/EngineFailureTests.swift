import EngineAPI
import Foundation
import Primitives
import ProtocolRules
import Testing

@testable import LlamaEngine

@Suite(.enabled(if: RealModel.isThere), .serialized)
struct EngineFailureTests {
    private func smallEngine(failsStep: @escaping @Sendable (Int) -> Bool = { _ in false }) throws -> LlamaCppEngine {
        var configuration = RealModel.configuration(
            path: try #require(RealModel.path), sequences: 1, contextTokens: 256)
        configuration.failsStep = failsStep
        return try LlamaCppEngine(configuration)
    }

    private func request(maximumTokens: Int = 8) throws -> GenerateRequest {
        GenerateRequest(
            prompt: try RealModel.prompt("Hello"), sampling: .plain, seed: RealModel.seed(1),
            maximumTokens: maximumTokens, ignoresEndTokens: true)
    }

    @Test func wrongFileIsNamedWithBothHashes() throws {
        let path = try #require(RealModel.path)
        var configuration = RealModel.configuration(path: path)
        configuration.expectedFileHash = .zero
        let found = try #require(RealModel.fileHash)
        #expect(throws: EngineError.wrongModelFile(path: path, expected: .zero, found: found)) {
            try LlamaCppEngine(configuration)
        }
    }

    @Test func unusableFileIsNamed() throws {
        #expect(throws: EngineError.self) { try LlamaCppEngine(RealModel.configuration(path: "/nonexistent")) }
        let noModel = FileManager.default.temporaryDirectory.appendingPathComponent("no-model-\(UUID()).gguf")
        try Data("GGUF, but not really".utf8).write(to: noModel)
        defer { try? FileManager.default.removeItem(at: noModel) }
        #expect(throws: EngineError.unusableModel(path: noModel.path, reason: "llama.cpp cannot load it")) {
            try LlamaCppEngine(RealModel.configuration(path: noModel.path))
        }
    }

    @Test func failingStepEndsItsSequencesAndTheNextOneRuns() async throws {
        let engine = try smallEngine(failsStep: { $0 == 3 })
        var count = 0
        await #expect(throws: EngineError.failed(reason: "llama_decode returned -1")) {
            for try await _ in engine.generate(try request()) { count += 1 }
        }
        #expect(count == 3)
        #expect(try await RealModel.generate(request(), on: engine).count == 8)
        await engine.stop()
    }

    @Test func lineIsBounded() async throws {
        let engine = try smallEngine()
        // One may run, 64 may wait; the queue may not have handed over the first one yet.
        let streams = try (0..<66).map { _ in engine.generate(try request(maximumTokens: 200)) }
        let extra = engine.generate(try request())
        await #expect(throws: EngineError.overloaded) { for try await _ in extra {} }
        _ = streams
        await engine.stop()
    }

    @Test func stoppingEndsWhatRunsAndWhatComes() async throws {
        let engine = try smallEngine()
        var iterator = engine.generate(try request(maximumTokens: 200)).makeAsyncIterator()
        _ = try await iterator.next()
        await engine.stop()
        await #expect(throws: EngineError.stopped) { while try await iterator.next() != nil {} }
        await #expect(throws: EngineError.stopped) { try await RealModel.generate(request(), on: engine) }
        await #expect(throws: EngineError.stopped) {
            try await engine.score(
                ScoreRequest(prompt: [20], output: [20], sampling: .plain, seed: RealModel.seed(1)))
        }
        await engine.stop()
    }

    @Test func cancelledScoreEnds() async throws {
        let engine = try smallEngine()
        let busy = engine.generate(try request(maximumTokens: 200))
        let score = Task {
            try await engine.score(
                ScoreRequest(prompt: [20], output: [20], sampling: .plain, seed: RealModel.seed(1)))
        }
        score.cancel()
        await #expect(throws: EngineError.cancelled) { try await score.value }
        _ = busy
        await engine.stop()
    }

    @Test(arguments: [(0, 256, 1), (257, 256, 1), (1, 1, 1), (1, 256, 0)])
    func configurationIsChecked(sequences: Int, contextTokens: Int, threads: Int) throws {
        var configuration = RealModel.configuration(
            path: try #require(RealModel.path), sequences: sequences, contextTokens: contextTokens)
        configuration.threads = threads
        #expect(throws: EngineError.self) { try LlamaCppEngine(configuration) }
    }
}
