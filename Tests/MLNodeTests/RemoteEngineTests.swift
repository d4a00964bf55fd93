import EngineAPI
import EngineWire
import NIOCore
import ProtocolRules
import StubEngine
import Synchronization
import Testing

@testable import RemoteEngine

@Suite("An engine behind HTTP", .timeLimit(.minutes(1)))
struct RemoteEngineTests {
    @Test func givesTheSameBitsAsTheEngineItself() async throws {
        let engine = ScriptedEngine(model: "stub", fileHash: .sha256Of("a file"), weights: 5)
        try await NodeScene.serving(engine) { node in
            try await node.connected { remote in
                #expect(remote.capabilities == engine.capabilities)
                let messages = [ChatMessage(role: .user, content: "grüße <|im_end|>")]
                let rendered = try await remote.render(messages)
                #expect(try engine.render(messages) == rendered)
                let plain = try await remote.tokenize("grüße <|im_end|>")
                #expect(try engine.tokenize("grüße <|im_end|>") == plain)
                #expect((0..<300).allSatisfy { remote.bytes(of: $0) == engine.bytes(of: $0) })
                let request = Asked.generate()
                let tokens = try await Asked.tokens(request, of: remote)
                let own = try await Asked.tokens(request, of: engine)
                #expect(tokens == own)
                let output = tokens.map(\.token)
                let scored = try await remote.score(Asked.score(output))
                let scoredHere = try await engine.score(Asked.score(output))
                #expect(scored == scoredHere)
            }
        }
    }

    @Test func carriesEveryParameterOfARequest() async throws {
        let recorder = RequestRecorder()
        try await NodeScene.serving(recorder) { node in
            try await node.connected { remote in
                let sampling = try SamplingParameters(
                    temperature: 1, topP: 2, minP: 3, topK: 4, presencePenalty: -5, frequencyPenalty: 6)
                let request = GenerateRequest(
                    prompt: [1, 2], sampling: sampling, seed: Asked.seed, maximumTokens: 9, begun: [3],
                    ignoresEndTokens: true, topLogProbabilities: 5,
                    cacheScope: Hash32Of.first, turn: EngineTurn(.audit, client: 8))
                _ = try await Asked.tokens(request, of: remote)
                let seen = try #require(recorder.generated)
                #expect(seen.prompt == [1, 2] && seen.sampling == sampling && seen.seed == Asked.seed)
                #expect(seen.maximumTokens == 9 && seen.begun == [3] && seen.ignoresEndTokens)
                #expect(seen.topLogProbabilities == 5 && seen.cacheScope == Hash32Of.first)
                #expect(seen.turn == EngineTurn(.audit, client: 8))
            }
        }
    }

    @Test func passesRefusalsOnByName() async throws {
        try await NodeScene.serving(ScriptedEngine(contextTokens: 64)) { node in
            try await node.connected { remote in
                let long = [ChatMessage(role: .user, content: String(repeating: "x", count: 100))]
                await #expect(throws: EngineError.self) { try await remote.render(long) }
                await #expect(throws: EngineError.promptTooLong(tokens: 65, limit: 64)) {
                    try await remote.tokenize(String(repeating: "x", count: 65))
                }
                let many = GenerateRequest(
                    prompt: [1], sampling: .plain, seed: Asked.seed, maximumTokens: 4, topLogProbabilities: 21)
                await #expect(throws: EngineError.unsupported(field: "top_log_probabilities")) {
                    try await Asked.tokens(many, of: remote)
                }
                await #expect(throws: EngineError.unsupported(field: "output")) {
                    try await remote.score(Asked.score([]))
                }
                await #expect(throws: EngineError.unsupported(field: "prompt")) {
                    let empty = GenerateRequest(prompt: [], sampling: .plain, seed: Asked.seed, maximumTokens: 4)
                    return try await Asked.tokens(empty, of: remote)
                }
                do throws(EngineError) {
                    _ = try await remote.render(long)
                } catch {
                    guard case .promptTooLong(let tokens, 64) = error else { throw error }
                    #expect(tokens >= 100)
                }
            }
        }
    }

    @Test(arguments: [EngineError.overloaded, .failed(reason: "no memory"), .stopped])
    func passesFailuresInTheMiddleOn(error: EngineError) async throws {
        let engine = ScriptedEngine { position in if position == 3 { throw error } }
        try await NodeScene.serving(engine) { node in
            try await node.connected { remote in
                var count = 0
                do {
                    for try await _ in remote.generate(Asked.generate()) { count += 1 }
                    Issue.record("it ended well")
                } catch let found as EngineError {
                    #expect(count == 3)
                    switch error {
                    case .overloaded: #expect(found == .overloaded)
                    case .stopped: #expect(found.isTransient)
                    default: #expect("\(found)".contains("no memory"))
                    }
                }
            }
        }
    }

    @Test func refusesWhoHasNotTheToken() async throws {
        try await NodeScene.serving(ScriptedEngine()) { node in
            do throws(EngineError) {
                _ = try await RemoteEngine(url: node.url, token: .random())
                Issue.record("it was let in")
            } catch {
                #expect("\(error)".contains("token"))
                guard case .unusableModel = error else { throw error }
            }
        }
    }

    @Test func refusesAnotherModelFile() async throws {
        let (first, second) = (Hash32Of.first, Hash32Of.second)
        let port = try FreePort.next()
        let connected = RemoteHolder()
        try await NodeScene.serving(ScriptedEngine(fileHash: first), port: port) { node in
            connected.engine = try await node.remote()
        }
        let remote = try #require(connected.engine)
        try await NodeScene.serving(ScriptedEngine(fileHash: second), port: port) { _ in
            await #expect(
                throws: EngineError.wrongModelFile(path: "http://127.0.0.1:\(port)", expected: first, found: second)
            ) {
                try await Asked.tokens(Asked.generate(), of: remote)
            }
        }
        try await remote.close()
    }

    @Test func comesBackWhenItsNodeDoes() async throws {
        let engine = ScriptedEngine()
        let port = try FreePort.next()
        let connected = RemoteHolder()
        try await NodeScene.serving(engine, port: port) { node in
            connected.engine = try await RemoteEngine(
                url: node.url, token: NodeScene.token, silence: .seconds(15), backOff: BackOff(shortest: .zero))
        }
        let remote = try #require(connected.engine)
        for _ in 0..<3 {
            do {
                _ = try await Asked.tokens(Asked.generate(), of: remote)
                Issue.record("nobody is there")
            } catch let error as EngineError {
                #expect(error.isTransient)
            }
        }
        try await NodeScene.serving(engine, port: port) { _ in
            let tokens = try await Asked.tokens(Asked.generate(), of: remote)
            #expect(tokens.count == 12)
        }
        try await remote.close()
    }

    /// A sprint may hold as many places as there are, and more wait; none of that is in the way of who comes next.
    @Test func manyRequestsAtOnceAreNoAbsence() async throws {
        let (held, release) = (20, Gate())
        let started = Mutex(0)
        let allStarted = Gate()
        let engine = ScriptedEngine(parallelSequences: 64) { position in
            guard position == 1 else { return }
            if started.withLock({
                $0 += 1; return $0
            }) == held {
                await allStarted.open()
            }
            await release.wait()
        }
        try await NodeScene.serving(engine) { node in
            try await node.connected { remote in
                try await withThrowingTaskGroup(of: Int.self) { group in
                    for _ in 0..<held {
                        group.addTask { try await Asked.tokens(Asked.generate(), of: remote).count }
                    }
                    await allStarted.wait()
                    let scored = try await remote.score(Asked.score([97]))
                    #expect(scored.positions.count == 1)
                    await release.open()
                    for try await count in group { #expect(count == 12) }
                }
            }
        }
    }

    @Test func refusesWhatCannotFitWithoutSendingIt() async throws {
        try await NodeScene.serving(ScriptedEngine(contextTokens: 64)) { node in
            try await node.connected { remote in
                let huge = [ChatMessage(role: .user, content: String(repeating: "x", count: 20 << 20))]
                do throws(EngineError) {
                    _ = try await remote.render(huge)
                    Issue.record("it fits")
                } catch {
                    // More than a body may have: it was not asked.
                    #expect(error == .promptTooLong(tokens: 20 << 20, limit: 64))
                }
            }
        }
    }

    @Test func takesNoMoreTokensThanItAskedFor() async throws {
        let talkative = AlteredEngine(request: { asked in
            GenerateRequest(
                prompt: asked.prompt, sampling: asked.sampling, seed: asked.seed,
                maximumTokens: asked.maximumTokens + 1)
        })
        try await NodeScene.serving(talkative) { node in
            try await node.connected { remote in
                do {
                    _ = try await Asked.tokens(Asked.generate(), of: remote)
                    Issue.record("it took them")
                } catch let error as EngineError {
                    #expect("\(error)".contains("nobody asked for"))
                }
            }
        }
    }

    @Test func takesNoScoreOfOtherTokens() async throws {
        let confused = AlteredEngine(score: { result, _ in ScoreResult(positions: result.positions.reversed()) })
        let cut = AlteredEngine(score: { result, _ in ScoreResult(positions: result.positions.dropLast()) })
        for engine in [confused, cut] {
            try await NodeScene.serving(engine) { node in
                try await node.connected { remote in
                    await #expect(throws: EngineError.self) { try await remote.score(Asked.score([97, 98])) }
                }
            }
        }
    }

    /// What nobody says is not the same as what cannot be.
    @Test func readsNoPositionWithoutItsLogProbabilities() throws {
        let whole = #"{"token":1,"text":"a","log_probabilities":{"taken":null,"designated":-2.5},"end":null}"#
        let token = try EngineWire.decode(TokenBody.self, from: Array(whole.utf8)).generated()
        #expect(token.logProbabilities == LogProbabilityPair(taken: -.infinity, designated: -2.5))
        let bytes = try EngineWire.encode(TokenBody(token))
        #expect(String(decoding: bytes, as: UTF8.self).contains(#""taken":null"#))
        for missing in [#""taken":null,"#, #","designated":-2.5"#] {
            let cut = whole.replacing(missing, with: "")
            #expect(throws: DecodingError.self) { try EngineWire.decode(TokenBody.self, from: Array(cut.utf8)) }
        }
    }

    @Test func leavesASilentNodeAlone() async throws {
        let port = try FreePort.next()
        let connected = RemoteHolder()
        try await NodeScene.serving(ScriptedEngine(), port: port) { node in
            connected.engine = try await RemoteEngine(
                url: node.url, token: NodeScene.token, silence: .seconds(15),
                backOff: BackOff(shortest: .seconds(3_600)))
        }
        let remote = try #require(connected.engine)
        await #expect(throws: EngineError.self) { try await Asked.tokens(Asked.generate(), of: remote) }
        // It is back, and for an hour nobody looks.
        try await NodeScene.serving(ScriptedEngine(), port: port) { _ in
            do throws(EngineError) {
                _ = try await remote.score(Asked.score([97]))
                Issue.record("it asked")
            } catch {
                #expect("\(error)".contains("asked again in"))
            }
        }
        try await remote.close()
    }

    @Test func freesThePlaceOfWhoLeaves() async throws {
        let left = Gate()
        let engine = ScriptedEngine { position in
            guard position == 1 else { return }
            await Gate().wait()
            await left.open()
        }
        try await NodeScene.serving(engine) { node in
            try await node.connected { remote in
                for try await _ in remote.generate(Asked.generate()) { break }
                await left.wait()
            }
        }
    }

    /// Queues may be long; a node that is alive says so.
    @Test func waitsForANodeThatIsAliveAndNotForOneThatIsSilent() async throws {
        let (reached, release) = (Gate(), Gate())
        let slow = ScriptedEngine { position in
            guard position == 2 else { return }
            await reached.open()
            await release.wait()
        }
        try await NodeScene.serving(slow, keepAlive: .milliseconds(20)) { node in
            try await node.connected(silence: .seconds(6)) { remote in
                let alive = Task { try await Asked.tokens(Asked.generate(), of: remote) }
                await reached.wait()
                try await Self.expectSilenceIsNoticed(within: .seconds(7))
                // That took longer than this engine may be silent.
                await release.open()
                #expect(try await alive.value.count == 12)
            }
        }
    }

    private static func expectSilenceIsNoticed(within silence: TimeAmount) async throws {
        let hanging = ScriptedEngine { position in if position == 2 { await Gate().wait() } }
        try await NodeScene.serving(hanging, keepAlive: .seconds(3_600)) { node in
            try await node.connected(silence: silence) { remote in
                do {
                    _ = try await Asked.tokens(Asked.generate(), of: remote)
                    Issue.record("it waited")
                } catch let error as EngineError {
                    #expect(error.isTransient)
                }
            }
        }
    }
}
