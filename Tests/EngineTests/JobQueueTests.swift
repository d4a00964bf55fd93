import EngineAPI
import Primitives
import ProtocolRules
import Testing

@testable import LlamaEngine

@Suite("Who gets a place in the engine")
struct JobQueueTests {
    private static func submit(_ priority: EnginePriority, to queue: JobQueue) -> UInt64 {
        let (_, continuation) = AsyncThrowingStream<GeneratedToken, any Error>.makeStream()
        let request = GenerateRequest(
            prompt: [1], sampling: .plain, seed: ItemSeed(.zero), maximumTokens: 1, priority: priority)
        let job = Job(id: queue.makeID(), work: .generate(request, continuation))
        queue.submit(job)
        return job.id
    }

    @Test("Users go before background work that came earlier, each in the order they came")
    func order() throws {
        let queue = JobQueue()
        let background = [Self.submit(.background, to: queue), Self.submit(.background, to: queue)]
        let users = [Self.submit(.user, to: queue), Self.submit(.user, to: queue)]
        let begun = try #require(queue.changes(places: 4)).begun.map(\.id)
        #expect(begun == users + background)
    }

    @Test("Background work leaves a place free for the next user")
    func reserve() throws {
        let queue = JobQueue()
        for _ in 0..<4 { _ = Self.submit(.background, to: queue) }
        #expect(try #require(queue.changes(places: 3, reserved: 1)).begun.count == 2)
        #expect(try #require(queue.changes(places: 1, reserved: 1)).begun.isEmpty)
        let user = Self.submit(.user, to: queue)
        #expect(try #require(queue.changes(places: 1, reserved: 1)).begun.map(\.id) == [user])
    }

    @Test("Background work that nobody wants any more, or that an engine that stops still has, ends")
    func ends() throws {
        let queue = JobQueue()
        let cancelled = Self.submit(.background, to: queue)
        let kept = Self.submit(.background, to: queue)
        queue.cancel(cancelled)
        #expect(try #require(queue.changes(places: 4)).begun.map(\.id) == [kept])
        queue.stop()
        #expect(queue.changes(places: 4).map(\.begun.count) == nil)
    }
}
