import Cryptography
import EngineAPI
import LedgerClient
import Messages
import OpenAIWire
import Primitives
import ProtocolRules
import StubEngine
import TestSupport
import Testing
import WireFormat

@testable import HostRoles

@Suite("The executor")
struct ExecutorTests {
    @Test("A receipt is signed and binds chain, executor, round and text")
    func receipt() async throws {
        let scene = try await HostScene()
        let answer = try await scene.executor.answer(await scene.request())
        let (text, finished) = try await HostScene.whole(answer)
        #expect(text == "Hello there")
        #expect(answer.created == HostScene.wallSeconds)
        let receipt = finished.receipt.statement
        #expect(finished.receipt.isValid(under: scene.identity.operatorKey.publicKey))
        #expect(receipt.chainID == TestLedger.chainID)
        #expect(receipt.executor == scene.identity.address)
        #expect(receipt.operatorKey == scene.identity.operatorKey.publicKey.compressed)
        #expect(receipt.round == (try await scene.view.current().round.id))
        #expect(receipt.answerDigest == .sha256(utf8: text))
        #expect(!receipt.isUnproven)
    }

    @Test("Every figure of an item can be recomputed from request, voucher and tokens")
    func item() async throws {
        let scene = try await HostScene()
        let voucher = await scene.voucher()
        let finished = try await scene.ask().item
        let prompt = try await scene.engine.render([EngineAPI.ChatMessage(role: .user, content: "Say hello")])
        let item = finished.item
        #expect(finished.answer.promptTokens == prompt)
        #expect(item.promptDigest == TokenDigest.digest(of: prompt))
        #expect(item.outputDigest == TokenDigest.digest(of: finished.answer.outputTokens))
        #expect(item.outputTokens == UInt64("Hello there".utf8.count + 1), "the end token is one")
        #expect(item.finishReason == .stop)
        let serving = try #require(item.serving)
        #expect((serving.session, serving.number, serving.sequence, serving.choice) == (1, 1, 1, 0))
        #expect(serving.voucherDigest == .sha256(voucher.statement.encoded()))
        #expect(serving.requestDigest == .sha256(utf8: HostScene.question))
        #expect(item.seed == ItemSeed(session: 1, executor: scene.identity.address, sequence: 1, choice: 0).hash)
        let prices = try await scene.view.membership(1).session.prices
        let usage = TokenUsage(prompt: UInt64(prompt.count), cached: 0, output: item.outputTokens)
        #expect(serving.fee == (try Charge.fee(prices, usage: usage, maximum: Amount(.max))))
    }

    @Test("Somebody with the model finds the same fingerprint, and no margin")
    func evidence() async throws {
        let scene = try await HostScene()
        let finished = try await scene.ask().item
        let (item, answer) = (finished.item, finished.answer)
        let seed = ItemSeed(item.seed)
        let score = try await scene.engine.score(
            ScoreRequest(
                prompt: answer.promptTokens, output: answer.outputTokens, sampling: item.sampling, seed: seed))
        let positions = FingerprintPositions.positions(
            outputCount: answer.outputTokens.count, promptDigest: item.promptDigest, outputDigest: item.outputDigest)
        let fingerprint = try #require(Fingerprint(score.logProbabilities, at: positions))
        #expect(answer.fingerprint == fingerprint.bytes)
        #expect(item.fingerprintCommitment == fingerprint.commitment(salt: answer.salt))
        #expect(Margin(score, sampling: item.sampling, seed: seed).microNats == 0)
    }

    @Test("The same client seed gives the same text on any host, and another one another")
    func clientSeeds() async throws {
        let engine = ScriptedEngine(model: "test-model")
        func text(_ seed: Int, sequence: UInt64, host: Int) async throws -> String {
            let scene = try await HostScene(engine: engine, host: host)
            let body =
                #"{"model":"test-model","messages":[{"role":"user","content":"x"}],"max_tokens":40,"seed":\#(seed)}"#
            return try await scene.ask(body, sequence: sequence).text
        }
        let text7 = try await text(7, sequence: 1, host: 0)
        #expect(text7.utf8.count == 40)
        #expect(try await text(7, sequence: 9, host: 1) == text7)
        #expect(try await text(8, sequence: 1, host: 0) != text7)
    }

    @Test(
        "Stops, limits and defaults",
        arguments: [
            (#""stop":"there""#, "Hello ", FinishReason.stop, 11),
            (#""stop":["lo","zz"]"#, "Hel", .stop, 5),
            (#""max_tokens":4"#, "Hell", .length, 4),
            (#""max_tokens":12"#, "Hello there", .stop, 12),
            (#""max_tokens":11"#, "Hello there", .length, 11),
            (#""stop":"there is more""#, "Hello there", .stop, 12),
        ] as [(String, String, FinishReason, UInt64)])
    func endings(_ parameter: String, _ text: String, _ reason: FinishReason, _ tokens: UInt64) async throws {
        let scene = try await HostScene()
        let body = #"{"model":"test-model","messages":[{"role":"user","content":"Hi"}],\#(parameter)}"#
        let (given, item) = try await scene.ask(body)
        #expect(given == text)
        #expect(item.answer.text == text)
        #expect(item.item.finishReason == reason)
        #expect(item.item.outputTokens == tokens)
    }

    @Test(
        "What cannot be served is refused by name, and costs nothing",
        arguments: [
            (
                #"{"model":"test-model","messages":[{"role":"user","content":"Hi"}],"max_tokens":2048}"#,
                OpenAIErrorCode.contextLengthExceeded
            ),
            (#"{"model":"other","messages":[{"role":"user","content":"Hi"}]}"#, .modelNotFound),
            (#"{"model":"test-model","messages":[{"role":"tool","content":"Hi"}]}"#, .missingParameter),
            (#"{"model":"test-model","messages":[{"role":"user","content":"Hi"}],"n":6}"#, .integerAboveMaximum),
            (
                #"{"model":"test-model","messages":[{"role":"user","content":"Hi"}],"guided_regex":"a"}"#,
                .unknownParameter
            ),
            (#"{"model":"test-model","messages":[]}"#, .emptyArray),
            (#"{"model":"test-model""#, .invalidJSON),
            (#"[]"#, .invalidJSON),
        ])
    func refusals(_ body: String, _ code: OpenAIErrorCode) async throws {
        let scene = try await HostScene()
        await #expect {
            try await scene.ask(body)
        } throws: {
            ($0 as? OpenAIError)?.code == code
        }
        #expect(scene.executor.load.reading.running == 0)
        #expect(try await scene.ask(sequence: 1).item.serving?.number == 1, "the sequence is still free")
    }

    @Test("A prompt that is too long is refused; the default of tokens is cut to what fits")
    func context() async throws {
        let scene = try await HostScene(
            engine: ScriptedEngine(model: "test-model", contextTokens: 100))
        func body(_ length: Int) -> String {
            let text = String(repeating: "a", count: length)
            return #"{"model":"test-model","messages":[{"role":"user","content":"\#(text)"}]}"#
        }
        await #expect {
            try await scene.ask(body(200))
        } throws: {
            ($0 as? OpenAIError)?.code == .contextLengthExceeded
        }
        let item = try await scene.ask(body(50)).item.item
        #expect(item.promptTokens + item.outputTokens == 100)
        #expect(item.finishReason == .length)
    }

    @Test("An engine that fails at any token costs nothing and leaves no item", arguments: 0...11)
    func engineFails(at token: Int) async throws {
        let scene = try await HostScene(
            engine: ScriptedEngine(model: "test-model", answer: "Hello there") { position in
                if position == token { throw EngineError.failed(reason: "the test says so") }
            })
        await #expect(throws: OpenAIError.engineFailed) { try await scene.ask() }
        await scene.executor.load.waitUntilIdle()
        #expect(try await scene.store.item(1, number: 1) == nil)
        // The same sequence may come again, and nothing is owed: the least amount is enough.
        await #expect(throws: OpenAIError.engineFailed) { try await scene.ask() }
    }

    @Test(
        "Failures of the engine before the first token",
        arguments: [
            (EngineError.overloaded, OpenAIErrorCode.overloaded), (.stopped, .shuttingDown),
            (.failed(reason: "x"), .engineFailed), (.unsupported(field: "x"), .engineFailed),
            (.promptTooLong(tokens: 9, limit: 5), .contextLengthExceeded),
        ])
    func engineRefuses(_ error: EngineError, _ code: OpenAIErrorCode) async throws {
        let scene = try await HostScene(engine: ScriptedEngine(model: "test-model") { _ in throw error })
        await #expect {
            try await scene.executor.answer(await scene.request())
        } throws: {
            ($0 as? OpenAIError)?.code == code
        }
    }

    @Test("A client that goes after any token is charged for what was made, and finds the item", arguments: 1...11)
    func clientLeaves(after tokens: Int) async throws {
        let turnstile = Turnstile()
        let scene = try await HostScene(
            engine: ScriptedEngine(model: "test-model", answer: "Hello there") { _ in try await turnstile.pass() })
        let request = await scene.request()
        let running = Task { try await scene.executor.answer(request) }
        await turnstile.admit(tokens)
        let answer = try await running.value
        await turnstile.waitForArrivals(tokens + 1)
        answer.cancel()
        await scene.executor.load.waitUntilIdle()

        let item = try #require(try await scene.store.item(1, number: 1))
        #expect(item.item.finishReason == .cancelled)
        #expect(item.item.outputTokens == UInt64(tokens))
        #expect(item.answer.text == String("Hello there".prefix(tokens)))
        #expect(item.receipt.isValid(under: scene.identity.operatorKey.publicKey))
        let prices = try await scene.view.membership(1).session.prices
        let usage = TokenUsage(prompt: item.item.promptTokens, cached: 0, output: UInt64(tokens))
        #expect(item.item.fee == (try Charge.fee(prices, usage: usage, maximum: Amount(.max))))
        #expect(try await HostScene.whole(try await scene.executor.answer(request)).item == item)
    }

    @Test("A client that goes before the first token owes nothing")
    func clientLeavesEarly() async throws {
        let turnstile = Turnstile()
        let scene = try await HostScene(
            engine: ScriptedEngine(model: "test-model", answer: "Hello there") { _ in try await turnstile.pass() })
        let request = await scene.request()
        let running = Task { try await scene.executor.answer(request) }
        await turnstile.waitForArrivals(1)
        running.cancel()
        await #expect(throws: OpenAIError.self) { try await running.value }
        await scene.executor.load.waitUntilIdle()
        #expect(try await scene.store.item(1, number: 1) == nil)
        #expect(try await scene.store.standing(of: request.voucher.statement) == nil)
    }

    @Test("An engine that stays silent before the first token is given up: 503")
    func silentFromTheStart() async throws {
        let (clock, turnstile) = (ManualClock(), Turnstile())
        let scene = try await HostScene(
            engine: ScriptedEngine(model: "test-model", answer: "Hello there") { _ in try await turnstile.pass() },
            clock: clock)
        let request = await scene.request()
        let running = Task { try await scene.executor.answer(request) }
        await turnstile.waitForArrivals(1)
        await clock.waitForSleeper()
        clock.advance(by: scene.limits.firstTokenMax)
        await #expect(throws: OpenAIError.overloaded(retryAfterSeconds: 1)) { try await running.value }
        await scene.executor.load.waitUntilIdle()
        #expect(try await scene.store.item(1, number: 1) == nil)
    }

    @Test("An engine that falls silent has failed: nothing is owed")
    func silentLater() async throws {
        let (clock, turnstile) = (ManualClock(), Turnstile())
        let scene = try await HostScene(
            engine: ScriptedEngine(model: "test-model", answer: "Hello there") { _ in try await turnstile.pass() },
            clock: clock)
        await turnstile.admit(3)
        let answer = try await scene.executor.answer(await scene.request())
        var text = ""
        await #expect(throws: OpenAIError.engineFailed) {
            for try await case .piece(let piece, _) in answer.events {
                text += piece.text
                guard text == "Hel" else { continue }
                await clock.waitForSleeper()
                clock.advance(by: scene.limits.firstTokenMax)
                await clock.waitForSleeper()
                clock.advance(by: scene.limits.tokenSilenceMax)
            }
        }
        #expect(text == "Hel")
        await scene.executor.load.waitUntilIdle()
        #expect(try await scene.store.item(1, number: 1) == nil)
    }

    @Test("More requests than the engine and its queue take are refused with a time to come back")
    func overload() async throws {
        let turnstile = Turnstile()
        var limits = Limits()
        limits.waitingMax = 1
        let scene = try await HostScene(
            engine: ScriptedEngine(model: "test-model", answer: "Hi") { _ in try await turnstile.pass() },
            limits: limits)
        let places = scene.engine.capabilities.parallelSequences + 1
        let running = (1...places).map { sequence in Task { try await scene.ask(sequence: UInt64(sequence)) } }
        await turnstile.waitForArrivals(places)
        let busy = LoadGauge.Reading(running: places - 1, waiting: 1, capacity: places - 1, repeating: 0)
        #expect(scene.executor.load.reading == busy)
        await #expect(throws: OpenAIError.overloaded(retryAfterSeconds: 1)) {
            try await scene.ask(sequence: UInt64(places + 1))
        }
        await turnstile.open()
        for task in running { _ = try await task.value }
        try await scene.ask(sequence: UInt64(places + 1))
    }

    @Test("A draining host refuses new requests and finishes those it has begun")
    func draining() async throws {
        let turnstile = Turnstile()
        let scene = try await HostScene(
            engine: ScriptedEngine(model: "test-model", answer: "Hi") { _ in try await turnstile.pass() })
        let running = Task { try await scene.ask(sequence: 1) }
        await turnstile.waitForArrivals(1)
        scene.executor.load.drain()
        await #expect(throws: OpenAIError.shuttingDown) { try await scene.ask(sequence: 2) }
        await turnstile.open()
        #expect(try await running.value.text == "Hi")
        await scene.executor.load.waitUntilIdle()
    }

    @Test("The session's records decide: unknown, closing, another host's")
    func sessions() async throws {
        let scene = try await HostScene()
        await #expect(throws: OpenAIError.sessionNotFound(9)) { try await scene.ask(session: 9) }
        let payer = scene.payer
        _ = try await scene.ledger.run { ledger in
            try ledger.run(MsgCloseSession(payer: payer.address, session: 1), by: payer)
        }
        try await scene.keeper.step()
        await #expect(throws: OpenAIError.sessionClosed(1)) { try await scene.ask(session: 1) }
        try await scene.ask(session: 2)
    }

    @Test("A voucher for too little is told how much is needed")
    func amounts() async throws {
        let scene = try await HostScene()
        let request = try ChatCompletionRequest.parse(Bytes(HostScene.question.utf8))
        let prices = try await scene.view.membership(1).session.prices
        let maximum = try request.maximumCharge(prices, defaultMaxTokens: 256)
        await #expect(throws: OpenAIError.voucherAmountTooLow(Amount(maximum.ngonka - 1), needed: maximum)) {
            try await scene.ask(sequence: 1, amount: maximum.ngonka - 1)
        }
        let fee = try await scene.ask(sequence: 1, amount: maximum.ngonka).item.item.fee
        let needed = try fee.adding(maximum)
        await #expect(throws: OpenAIError.voucherAmountTooLow(maximum, needed: needed)) {
            try await scene.ask(sequence: 2, amount: maximum.ngonka)
        }
        try await scene.ask(sequence: 2, amount: needed.ngonka)
    }

    @Test("A node that restarts is waited for; one that stays away makes the host refuse")
    func ledgerOutage() async throws {
        let clock = ManualClock()
        var limits = Limits()
        limits.ledgerSilenceMax = 2
        let scene = try await HostScene(limits: limits, clock: clock)
        await scene.ledger.fail(1)
        let request = await scene.request()
        let running = Task { try await HostScene.whole(try await scene.executor.answer(request)) }
        await clock.waitForSleeper()
        clock.advance(by: limits.ledgerBackOff)
        #expect(try await running.value.text == "Hello there")

        for look in 1...3 {
            await scene.ledger.fail(1)
            await #expect(throws: LedgerAccessError.self) { try await scene.keeper.step() }
            #expect(await scene.view.isFresh == (look <= 2))
        }
        await #expect(throws: OpenAIError.overloaded(retryAfterSeconds: 1)) { try await scene.ask(sequence: 2) }
        try await scene.keeper.step()
        try await scene.ask(sequence: 2)
    }
}
