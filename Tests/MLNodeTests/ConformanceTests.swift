import Conformance
import EngineAPI
import ProtocolRules
import StubEngine
import Testing

@Suite("What every engine must do", .timeLimit(.minutes(2)))
struct ConformanceTests {
    /// Other tests run beside these: nothing here is about time.
    static func conformance(_ engine: any Engine, reference: (any Engine)? = nil) -> EngineConformance {
        EngineConformance(engine, reference: reference, patience: .seconds(600), freeing: .seconds(600))
    }

    static func failures(of engine: any Engine, reference: (any Engine)? = nil) async -> [ConformanceCheck] {
        await Self.conformance(engine, reference: reference).run().filter { $0.outcome == .failed }.map(\.check)
    }

    @Test func anHonestEngineConforms() async {
        let engine = ScriptedEngine(parallelSequences: 4)
        let reports = await Self.conformance(engine, reference: engine).run()
        #expect(reports.allSatisfy { $0.outcome == .passed }, "\(reports.filter { $0.outcome != .passed })")
        #expect(reports.map(\.check) == ConformanceCheck.allCases)
    }

    @Test func soDoesOneBehindHTTP() async throws {
        try await NodeScene.serving(ScriptedEngine(parallelSequences: 4)) { node in
            try await node.connected { remote in
                let failures = await Self.failures(of: remote, reference: ScriptedEngine(parallelSequences: 4))
                #expect(failures.isEmpty)
            }
        }
    }

    @Test func withoutAnotherEngineNothingIsCompared() async {
        let reports = await Self.conformance(ScriptedEngine(parallelSequences: 2)).run()
        #expect(reports.last?.outcome == .skipped)
    }

    @Test func anotherModelIsFoundByTheReference() async {
        let failures = await Self.failures(
            of: ScriptedEngine(weights: 9, parallelSequences: 2), reference: ScriptedEngine(parallelSequences: 2))
        #expect(failures == [.reference])
    }

    @Test func seedsThatAreNotFollowedAreFound() async {
        let deaf = AlteredEngine(request: { asked in
            GenerateRequest(
                prompt: asked.prompt, sampling: asked.sampling, seed: Asked.seed, maximumTokens: asked.maximumTokens,
                begun: asked.begun, ignoresEndTokens: asked.ignoresEndTokens)
        })
        let failures = await Self.failures(of: deaf)
        #expect(failures.contains(.seed) && failures.contains(.seedBinding) && failures.contains(.sampling))
    }

    @Test func ignoredSamplingIsFound() async {
        let plain = AlteredEngine(request: { asked in
            GenerateRequest(
                prompt: asked.prompt, sampling: .plain, seed: asked.seed, maximumTokens: asked.maximumTokens,
                begun: asked.begun, ignoresEndTokens: asked.ignoresEndTokens)
        })
        let failures = await Self.failures(of: plain)
        #expect(failures.contains(.sampling) && !failures.contains(.seedBinding))
    }

    /// An older node, say, that does not know the field.
    @Test func ignoredConstraintsAreFound() async {
        let free = AlteredEngine(request: { asked in
            GenerateRequest(
                prompt: asked.prompt, sampling: asked.sampling, seed: asked.seed, maximumTokens: asked.maximumTokens,
                begun: asked.begun, ignoresEndTokens: asked.ignoresEndTokens)
        })
        #expect(await Self.failures(of: free) == [.constraints])
    }

    @Test func aFingerprintOfSomethingElseIsFound() async {
        let vague = AlteredEngine(token: { token in
            GeneratedToken(
                token: token.token, text: token.text,
                logProbabilities: LogProbabilityPair(
                    taken: token.logProbabilities.taken - 0.5, designated: token.logProbabilities.designated),
                end: token.end)
        })
        let failures = await Self.failures(of: vague)
        #expect(failures.contains(.fingerprint) && !failures.contains(.seedBinding))
    }

    @Test func aScoreThatBelievesEverythingIsFound() async {
        let kind = AlteredEngine(score: { result, _ in
            ScoreResult(
                positions: result.positions.map { position in
                    // Whatever was claimed is the only token that it would have chosen itself.
                    ScoredPosition(
                        token: position.token, logit: 100, logProbabilities: position.logProbabilities,
                        candidates: [Candidate(token: position.token, logit: 100)])
                })
        })
        let failures = await Self.failures(of: kind)
        #expect(failures.contains(.forgery) && failures.contains(.candidates))
    }

    @Test func designatedTokensThatAreOthersAreFound() async {
        let confused = AlteredEngine(score: { result, _ in
            ScoreResult(
                positions: result.positions.map { position in
                    ScoredPosition(
                        token: position.token, logit: position.logit,
                        logProbabilities: LogProbabilityPair(
                            taken: position.logProbabilities.taken, designated: -.infinity),
                        candidates: position.candidates)
                })
        })
        #expect(await Self.failures(of: confused).contains(.designated))
    }

    @Test func textsOfOtherTokensAreFound() async {
        let silent = AlteredEngine(token: { token in
            GeneratedToken(token: token.token, text: "", logProbabilities: token.logProbabilities, end: token.end)
        })
        #expect(await Self.failures(of: silent) == [.text])
    }

    @Test func anAnswerWithoutItsEndIsFound() async {
        let endless = AlteredEngine(token: { token in
            GeneratedToken(
                token: token.token, text: token.text, logProbabilities: token.logProbabilities, end: nil)
        })
        #expect(await Self.failures(of: endless) == [.length])
    }

    @Test func controlWordsThatVanishAreFound() async {
        // 60 is `<`: this engine swallows it, as one does that reads control words out of messages.
        let gullible = AlteredEngine(render: { $0.filter { $0 != 60 } })
        #expect(await Self.failures(of: gullible).contains(.prompt))
    }

    @Test func controlWordsThatAreObeyedAreFound() async {
        // 60 is `<`, 257 ends a message.
        let obedient = AlteredEngine(render: { $0 + ($0.contains(60) ? [257] : []) })
        #expect(await Self.failures(of: obedient).contains(.prompt))
    }

    @Test func aHangIsAFailure() async {
        let hanging = ScriptedEngine(parallelSequences: 1) { _ in await Gate().wait() }
        let reports = await EngineConformance(hanging, patience: .milliseconds(20)).run()
        let failed = reports.filter { $0.outcome == .failed }
        #expect(failed.contains { $0.check == .greedy && $0.detail.contains("took more") })
    }
}
