import EngineAPI
import LlamaServerEngine
import ProtocolRules
import StubEngine
import Testing

@Suite("A model that a llama-server computes", .timeLimit(.minutes(1)))
struct LlamaServerEngineTests {
    private static let engine = ScriptedEngine(model: "stub", fileHash: Hash32Of.first, weights: 3)

    private static func connected(
        _ server: ScriptedServer, completion: (@Sendable (ScriptedServer.Question) -> String?)? = nil,
        _ body: @escaping @Sendable (LlamaServerEngine) async throws -> Void
    ) async throws {
        try await server.serving(completion: completion) { url in
            let engine = try await LlamaServerEngine(
                url: url, model: "stub", vocabulary: ScriptedVocabulary(engine: server.engine))
            do { try await body(engine) } catch {
                try await engine.close()
                throw error
            }
            try await engine.close()
        }
    }

    private static func isClose(_ first: LogProbabilityPair, _ second: LogProbabilityPair) -> Bool {
        abs(first.taken - second.taken) < 1e-5 && abs(first.designated - second.designated) < 1e-5
    }

    static let samplings: [SamplingParameters] = [
        .greedy, .plain,
        try? SamplingParameters(temperature: 700_000, topP: 900_000, minP: 10_000, topK: 40),
        try? SamplingParameters(temperature: 900_000, presencePenalty: 1_500_000, frequencyPenalty: 500_000),
        try? SamplingParameters(temperature: 900_000, presencePenalty: -1_500_000),
    ].compactMap { $0 }

    /// The server only computes: tokens, texts and numbers are those of an engine that runs the model itself.
    @Test(arguments: samplings)
    func givesTheAnswersOfTheModelItself(sampling: SamplingParameters) async throws {
        #expect(Self.samplings.count == 5)
        let server = ScriptedServer(Self.engine, prompt: Asked.prompt)
        try await Self.connected(server) { engine in
            #expect(engine.capabilities.bindsTokensToSeed && engine.capabilities.parallelSequences == 2)
            #expect(engine.capabilities.fileHash == Hash32Of.first)
            let request = GenerateRequest(
                prompt: Asked.prompt, sampling: sampling, seed: Asked.seed, maximumTokens: 24, topLogProbabilities: 3)
            let own = try await Asked.tokens(request, of: server.engine)
            let got = try await Asked.tokens(request, of: engine)
            #expect(got.map(\.token) == own.map(\.token) && got.map(\.text) == own.map(\.text))
            #expect(got.map(\.end) == own.map(\.end))
            #expect(zip(got, own).allSatisfy { Self.isClose($0.logProbabilities, $1.logProbabilities) })
            #expect(zip(got, own).allSatisfy { $0.top.map(\.token) == $1.top.map(\.token) })
            let continued = GenerateRequest(
                prompt: Asked.prompt, sampling: sampling, seed: Asked.seed, maximumTokens: 24,
                begun: own.prefix(9).map(\.token))
            let rest = try await Asked.tokens(continued, of: engine)
            #expect(rest.map(\.token) == own.dropFirst(9).map(\.token))
        }
    }

    /// Also of tokens that are far from probable, and of such that end in the middle of a character.
    @Test func scoresWhatSomebodyElseChose() async throws {
        let server = ScriptedServer(Self.engine, prompt: Asked.prompt)
        try await Self.connected(server) { engine in
            let output: [TokenID] = [97, 200, 257, 98, 255, 1]
            let own = try await server.engine.score(Asked.score(output))
            let got = try await engine.score(Asked.score(output))
            #expect(got.positions.map(\.token) == output)
            for (mine, its) in zip(got.positions, own.positions) {
                #expect(Self.isClose(mine.logProbabilities, its.logProbabilities))
                #expect(mine.candidates.map(\.token) == its.candidates.map(\.token))
            }
            let margins = [got, own].map { Margin($0, sampling: .plain, seed: Asked.seed).microNats }
            #expect(abs(Int(margins[0]) - Int(margins[1])) < 100, "\(margins)")
        }
    }

    /// A slot goes on from its own answer, and from an earlier prompt for the same scope alone.
    @Test func slotsAreReusedWithinAScope() async throws {
        let server = ScriptedServer(Self.engine, prompt: Asked.prompt)
        try await Self.connected(server) { engine in
            for (scope, cached) in [
                (Hash32Of.first, 0), (Hash32Of.first, Asked.prompt.count - 1), (Hash32Of.second, 0),
            ] {
                let before = server.questions.count
                let request = GenerateRequest(
                    prompt: Asked.prompt, sampling: .plain, seed: Asked.seed, maximumTokens: 4, cacheScope: scope)
                let tokens = try await Asked.tokens(request, of: engine)
                #expect(tokens.map(\.cachedTokens) == [cached, cached, cached, cached])
                let questions = server.questions[before...]
                #expect(questions.first?.reuses == (cached > 0))
                #expect(questions.dropFirst().allSatisfy(\.reuses) && Set(questions.map(\.slot)).count == 1)
            }
            let before = server.questions.count
            _ = try await engine.score(Asked.score([97]))
            #expect(server.questions[before].reuses == false)
        }
    }

    @Test func refusesWhatItCannotServe() async throws {
        let server = ScriptedServer(Self.engine, prompt: Asked.prompt)
        try await Self.connected(server) { engine in
            await #expect(throws: EngineError.unsupported(field: "embedding")) { try await engine.embed([97]) }
            await #expect(throws: EngineError.unsupported(field: "output")) { try await engine.score(Asked.score([])) }
            for (request, field) in [
                (GenerateRequest(prompt: [], sampling: .plain, seed: Asked.seed, maximumTokens: 4), "prompt"),
                (GenerateRequest(prompt: [259], sampling: .plain, seed: Asked.seed, maximumTokens: 4), "prompt"),
                (GenerateRequest(prompt: [97], sampling: .plain, seed: Asked.seed, maximumTokens: 0), "maximumTokens"),
                (
                    GenerateRequest(
                        prompt: [97], sampling: .plain, seed: Asked.seed, maximumTokens: 4,
                        constraints: OutputConstraints(bias: [TokenBias(token: 1, millionths: 1)])), "constraints"
                ),
            ] {
                await #expect(throws: EngineError.unsupported(field: field)) {
                    try await Asked.tokens(request, of: engine)
                }
            }
        }
    }

    @Test func takesNoOtherModel() async throws {
        let server = ScriptedServer(Self.engine, prompt: Asked.prompt)
        try await server.serving(vocabularySize: 300) { url in
            do throws(EngineError) {
                _ = try await LlamaServerEngine(
                    url: url, model: "stub", vocabulary: ScriptedVocabulary(engine: server.engine))
                Issue.record("it took it")
            } catch {
                #expect("\(error)".contains("300 logits"))
            }
        }
        await #expect(throws: EngineError.self) {
            try await LlamaServerEngine(
                url: "ftp://x", model: "stub", vocabulary: ScriptedVocabulary(engine: server.engine))
        }
        let port = try FreePort.next()
        do throws(EngineError) {
            _ = try await LlamaServerEngine(
                url: "http://127.0.0.1:\(port)", model: "stub", vocabulary: ScriptedVocabulary(engine: server.engine))
            Issue.record("nobody is there")
        } catch {
            #expect(error.isTransient)
        }
    }

    @Test(arguments: [
        "{", #"{"timings":{"cache_n":0}}"#,
        #"{"timings":{"cache_n":0},"completion_probabilities":[{"id":1,"logprob":-1,"top_logprobs":[]}]}"#,
        #"{"timings":{"cache_n":0},"completion_probabilities":[]}"#,
    ])
    func answersThatAreNoneAreFailures(answer: String) async throws {
        let server = ScriptedServer(Self.engine, prompt: Asked.prompt)
        try await Self.connected(server, completion: { _ in answer }) { engine in
            do {
                _ = try await Asked.tokens(Asked.generate(), of: engine)
                Issue.record("it took it")
            } catch let error as EngineError {
                guard case .failed = error else { throw error }
            }
            // The slot is free again.
            await #expect(throws: EngineError.self) { try await engine.score(Asked.score([97])) }
            await #expect(throws: EngineError.self) { try await engine.score(Asked.score([97])) }
        }
    }
}
