import OpenAIWire
import StubEngine
import TestSupport
import Testing

@testable import HostRoles

@Suite("Requests that come again")
struct RepeatTests {
    @Test("A sequence that was answered is answered again from store, also when its terms have run out")
    func repeats() async throws {
        let scene = try await HostScene()
        let request = await scene.request()
        let first = try await HostScene.whole(try await scene.executor.answer(request))
        let second = try await HostScene.whole(try await scene.executor.answer(request))
        #expect(second.item == first.item)
        #expect(second.text == first.text)
        let other = await scene.request(HostScene.question + " ")
        await #expect(throws: OpenAIError.voucherSequenceReused(1)) { try await scene.executor.answer(other) }
        // More than a round later.
        try await scene.advance(to: await scene.ledger.run { $0.height } + 20)
        #expect(try await HostScene.whole(try await scene.executor.answer(request)).item == first.item)
    }

    @Test("A repeated sequence waits for the answer that is being given")
    func repeatsWhileRunning() async throws {
        let turnstile = Turnstile()
        let scene = try await HostScene(
            engine: ScriptedEngine(model: "test-model", answer: "Hello there") { _ in try await turnstile.pass() })
        let request = await scene.request()
        let first = Task { try await HostScene.whole(try await scene.executor.answer(request)) }
        await turnstile.waitForArrivals(1)
        let second = Task { try await HostScene.whole(try await scene.executor.answer(request)) }
        await turnstile.open()
        let items = (try await first.value.item, try await second.value.item)
        #expect(items.0 == items.1)
        #expect(try await scene.store.item(1, number: 2) == nil)
    }

    @Test("Repeats of a running request are counted, bounded, and leave nobody waiting when they are given up")
    func cancelledRepeats() async throws {
        let turnstile = Turnstile()
        var limits = Limits()
        limits.waitingMax = 100
        let scene = try await HostScene(
            engine: ScriptedEngine(model: "test-model", answer: "Hi") { _ in try await turnstile.pass() },
            limits: limits)
        let request = await scene.request()
        let first = Task { try await HostScene.whole(try await scene.executor.answer(request)) }
        await turnstile.waitForArrivals(1)
        let repeats = (1...100).map { _ in Task { try await scene.executor.answer(request) } }
        while await scene.store.waitingForEnds < 100 { await Task.yield() }
        #expect(scene.executor.load.reading.repeating == 100)
        await #expect(throws: OpenAIError.overloaded(retryAfterSeconds: 1)) { try await scene.executor.answer(request) }
        for task in repeats { task.cancel() }
        for task in repeats { await #expect(throws: OpenAIError.self) { try await task.value } }
        #expect(await scene.store.waitingForEnds == 0)
        #expect(scene.executor.load.reading.repeating == 0)
        await turnstile.open()
        #expect(try await first.value.text == "Hi")
    }
}
