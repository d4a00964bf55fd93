import CLlama
import EngineAPI
import Foundation
import Primitives
import ProtocolRules
import Testing

@testable import LlamaEngine

/// The checks of protocol.md section 5 with the model and the thresholds of its record.
@Suite(.enabled(if: RealModel.isThere), .serialized)
struct VerificationTests {
    private let engine: LlamaCppEngine

    init() throws { engine = try RealModel.engine.get() }

    struct Answer {
        let request: GenerateRequest
        let tokens: [GeneratedToken]
        var output: [TokenID] { tokens.map(\.token) }
    }

    struct Check {
        let distance: UInt64
        let valueCount: Int
        let margin: Margin
        var fingerprintPasses: Bool { distance * 10 <= 128 * UInt64(valueCount) }
        var marginPasses: Bool { margin.microNats <= 3000 }
    }

    private static let questions = [
        "Why is the sky blue?", "Write a short poem about the sea.", "How do I boil an egg?",
    ]

    private func answer(
        _ question: String, on engine: LlamaCppEngine, sampling: SamplingParameters, tokens: Int = 48
    ) async throws -> Answer {
        let request = GenerateRequest(
            prompt: try RealModel.prompt(question), sampling: sampling, seed: RealModel.seed(9), maximumTokens: tokens)
        return Answer(request: request, tokens: try await RealModel.generate(request, on: engine))
    }

    /// What an auditor with the model of record finds; `output` is the answer's unless it was tampered with.
    private func check(_ answer: Answer, output: [TokenID]? = nil) async throws -> Check {
        let output = output ?? answer.output
        let request = answer.request
        let result = try await engine.score(
            ScoreRequest(prompt: request.prompt, output: output, sampling: request.sampling, seed: request.seed))
        let positions = FingerprintPositions.positions(
            outputCount: output.count, promptDigest: TokenDigest.digest(of: request.prompt),
            outputDigest: TokenDigest.digest(of: output))
        let own = try #require(Fingerprint(result.logProbabilities, at: positions))
        let stated = try #require(Fingerprint(answer.tokens.map(\.logProbabilities), at: positions))
        return Check(
            distance: try #require(own.difference(from: stated)), valueCount: own.values.count,
            margin: Margin(result, sampling: request.sampling, seed: request.seed))
    }

    static let samplings: [SamplingParameters] = [.greedy, .plain] + mixedSamplings
    private static let mixedSamplings = [
        try? SamplingParameters(temperature: 700_000, topP: 900_000),
        try? SamplingParameters(temperature: 1_300_000, minP: 50_000, topK: 40),
        try? SamplingParameters(temperature: 700_000, presencePenalty: 500_000, frequencyPenalty: 300_000),
    ].compactMap { $0 }

    @Test(arguments: samplings)
    func honestAnswersPass(sampling: SamplingParameters) async throws {
        let answers = try await withThrowingTaskGroup(of: Answer.self) { group in
            for question in Self.questions {
                group.addTask { try await answer(question, on: engine, sampling: sampling) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        for answer in answers {
            let check = try await check(answer)
            #expect(check.fingerprintPasses, "\(check)")
            #expect(check.marginPasses, "\(check)")
            #expect(check.margin.matchedPositions * 10 >= answer.output.count * 9)
        }
    }

    /// A score in many pieces, beside others, says what a score in one says.
    @Test func longAnswersAreScoredInPieces() async throws {
        let answer = try await answer(
            "Tell a long story about a fox.", on: engine, sampling: .plain, tokens: 200)
        async let second = check(answer)
        let first = try await check(answer)
        #expect(first.fingerprintPasses && first.marginPasses, "\(first)")
        #expect(try await second.fingerprintPasses)
        #expect(try await second.marginPasses)
    }

    @Test(arguments: [SamplingParameters.greedy, .plain])
    func changedTokenFailsByMargin(sampling: SamplingParameters) async throws {
        let answer = try await answer(Self.questions[0], on: engine, sampling: sampling)
        for index in [0, answer.output.count / 2, answer.output.count - 1] {
            var output = answer.output
            output[index] = output[index] == 1000 ? 1001 : 1000
            #expect(try await check(answer, output: output).marginPasses == false, "position \(index)")
        }
    }

    @Test(arguments: [("Q4_0", LLAMA_FTYPE_MOSTLY_Q4_0.rawValue), ("Q4_1", LLAMA_FTYPE_MOSTLY_Q4_1.rawValue)])
    func cheaperCopiesFailByFingerprint(name: String, type: UInt32) async throws {
        let path = try RealModel.copy(llama_ftype(rawValue: type), named: name)
        let cheat = try LlamaCppEngine(RealModel.configuration(path: path, sequences: 1))
        #expect(cheat.capabilities.fileHash != RealModel.fileHash)
        for sampling in [SamplingParameters.greedy, .plain] {
            let answer = try await answer(Self.questions[1], on: cheat, sampling: sampling)
            let check = try await check(answer)
            #expect(!check.fingerprintPasses, "\(check)")
        }
        await cheat.stop()
    }
}
