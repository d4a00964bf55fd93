import EngineAPI
import Primitives
import ProtocolRules
import Testing

@testable import LlamaEngine

@Suite("Who gets a place in the engine")
struct JobQueueTests {
    private static func submit(_ priority: EnginePriority, client: UInt32 = 0, to queue: JobQueue) -> UInt64 {
        let (_, continuation) = AsyncThrowingStream<GeneratedToken, any Error>.makeStream()
        let request = GenerateRequest(
            prompt: [1], sampling: .plain, seed: ItemSeed(.zero), maximumTokens: 1,
            turn: EngineTurn(priority, client: client))
        let job = Job(id: queue.makeID(), work: .generate(request, continuation), constraints: .none)
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

    @Test("Audits go after users and before background work, but let only so many users pass")
    func audits() throws {
        let queue = JobQueue()
        _ = Self.submit(.background, to: queue)
        let audits = [Self.submit(.audit, to: queue), Self.submit(.audit, to: queue)]
        let users = (0..<(2 * Limits.usersBeforeAudit)).map { _ in Self.submit(.user, to: queue) }
        let first = try #require(queue.changes(places: Limits.usersBeforeAudit + 1)).begun.map(\.id)
        #expect(first == users.prefix(Limits.usersBeforeAudit) + [audits[0]])
        let second = try #require(queue.changes(places: Limits.usersBeforeAudit + 1)).begun.map(\.id)
        #expect(second == users.suffix(Limits.usersBeforeAudit) + [audits[1]])
    }

    @Test("Those who share an engine take turns, however much one of them asks for")
    func turns() throws {
        let queue = JobQueue()
        let many = (0..<4).map { _ in Self.submit(.background, client: 1, to: queue) }
        let one = Self.submit(.background, client: 2, to: queue)
        let late = [Self.submit(.background, client: 3, to: queue), Self.submit(.background, client: 3, to: queue)]
        #expect(try #require(queue.changes(places: 3)).begun.map(\.id) == [many[0], one, late[0]])
        queue.cancel(many[1])
        #expect(try #require(queue.changes(places: 4)).begun.map(\.id) == [many[2], late[1], many[3]])
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
