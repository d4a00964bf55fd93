import EngineAPI
import EngineWire
import ProtocolRules
import StubEngine
import Testing

/// What a node says beside its tokens: the most probable ones, and how much of the prompt it had.
@Suite("The most probable tokens of an engine behind HTTP", .timeLimit(.minutes(1)))
struct TopTokensTests {
    private static let request = GenerateRequest(
        prompt: Asked.prompt, sampling: .plain, seed: Asked.seed, maximumTokens: 4, topLogProbabilities: 3,
        cacheScope: Hash32Of.first)

    private static func altered(
        _ change: @escaping @Sendable (GeneratedToken) -> (top: [TokenLogProbability], cached: Int)
    ) -> AlteredEngine {
        AlteredEngine(token: { token in
            let (top, cached) = change(token)
            return GeneratedToken(
                token: token.token, text: token.text, logProbabilities: token.logProbabilities, end: token.end,
                top: top, cachedTokens: cached)
        })
    }

    private static func failure(_ request: GenerateRequest, of engine: AlteredEngine) async throws -> EngineError? {
        let failure = Failure()
        try await NodeScene.serving(engine) { node in
            try await node.connected { remote in
                do { _ = try await Asked.tokens(request, of: remote) } catch let error as EngineError {
                    await failure.note(error)
                }
            }
        }
        return await failure.error
    }

    private actor Failure {
        private(set) var error: EngineError?

        func note(_ error: EngineError) { self.error = error }
    }

    @Test func comeAcrossBitForBit() async throws {
        let engine = ScriptedEngine()
        let own = try await Asked.tokens(Self.request, of: engine)
        #expect(own.allSatisfy { $0.top.count == 3 })
        let cached = Self.altered { ($0.top, 7) }
        try await NodeScene.serving(cached) { node in
            try await node.connected { remote in
                let tokens = try await Asked.tokens(Self.request, of: remote)
                #expect(tokens.map(\.top) == own.map(\.top))
                #expect(tokens.allSatisfy { $0.cachedTokens == 7 })
            }
        }
    }

    @Test(arguments: ["more", "none", "ascending", "unknown", "positive", "another number", "twice"])
    func thatCannotBeARowsAreRefused(how: String) async throws {
        let engine = Self.altered { token in
            let top = token.top
            let first = top[0]
            let wrong: [TokenLogProbability] =
                switch how {
                case "more": top + [TokenLogProbability(token: 0, logProbability: -90)]
                case "none": []
                case "ascending": top.reversed()
                case "unknown": [TokenLogProbability(token: 259, logProbability: first.logProbability)]
                case "positive": [TokenLogProbability(token: first.token, logProbability: 0.5)]
                case "twice": [first, first]
                default: [TokenLogProbability(token: token.token, logProbability: token.logProbabilities.taken - 0.25)]
                }
            return (wrong, 0)
        }
        #expect(try await Self.failure(Self.request, of: engine) != nil)
    }

    @Test func moreCachedThanTheSameAccountsPromptIsRefused() async throws {
        let beyond = Self.altered { ($0.top, Asked.prompt.count + 1) }
        #expect(try await Self.failure(Self.request, of: beyond) != nil)
        let negative = Self.altered { ($0.top, -1) }
        #expect(try await Self.failure(Self.request, of: negative) != nil)
        // Whoever shares with nobody cannot find anything there.
        let nobodys = GenerateRequest(prompt: Asked.prompt, sampling: .plain, seed: Asked.seed, maximumTokens: 4)
        #expect(try await Self.failure(nobodys, of: Self.altered { ($0.top, 1) }) != nil)
        #expect(try await Self.failure(nobodys, of: Self.altered { ($0.top, 0) }) == nil)
    }

    @Test func listsOfTwoLengthsAreRefused() throws {
        let body =
            #"{"token":1,"text":"a","log_probabilities":{"taken":-1,"designated":-2},"top_tokens":[1,2],"#
            + #""top_log_probabilities":[-1]}"#
        let token = try EngineWire.decode(TokenBody.self, from: Array(body.utf8))
        #expect(throws: EngineError.self) { try token.generated() }
    }
}
