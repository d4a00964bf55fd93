import EngineAPI
import Primitives
import ProtocolRules
import Testing

@testable import LlamaEngine

@Suite("Who gets a place in the engine")
struct JobQueueTests {
    private static func submit(
        _ priority: EnginePriority, client: UInt32 = 0, promptTokens: Int = 1, to queue: JobQueue
    ) -> UInt64 {
        submitted(priority, client: client, promptTokens: promptTokens, to: queue).id
    }

    private static func submitted(
        _ priority: EnginePriority, client: UInt32 = 0, promptTokens: Int = 1, to queue: JobQueue
    ) -> (id: UInt64, tokens: AsyncThrowingStream<GeneratedToken, any Error>) {
        let (tokens, continuation) = AsyncThrowingStream<GeneratedToken, any Error>.makeStream()
        let request = GenerateRequest(
            prompt: Array(repeating: 1, count: promptTokens), sampling: .plain, seed: ItemSeed(.zero), maximumTokens: 1,
            turn: EngineTurn(priority, client: client))
        let job = Job(id: queue.makeID(), work: .generate(request, continuation), constraints: .none)
        queue.submit(job)
        return (job.id, tokens)
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

    @Test(
        "Prompts that wait are bounded together, each priority's by themselves, and a lone one is taken whatever its length"
    )
    func tokens() async throws {
        let queue = JobQueue()
        _ = Self.submit(.user, promptTokens: Limits.waitingTokens + 1, to: queue)
        let refused = Self.submitted(.user, to: queue)
        await #expect(throws: EngineError.overloaded) { for try await _ in refused.tokens {} }
        let audit = Self.submit(.audit, promptTokens: Limits.waitingTokens - 5, to: queue)
        let fits = Self.submit(.audit, promptTokens: 5, to: queue)
        let over = Self.submitted(.audit, to: queue)
        await #expect(throws: EngineError.overloaded) { for try await _ in over.tokens {} }
        // What begins, or is cancelled, makes room.
        queue.cancel(fits)
        let again = Self.submit(.audit, promptTokens: 5, to: queue)
        #expect(try #require(queue.changes(places: 9)).begun.map(\.id).suffix(2) == [audit, again])
        _ = Self.submit(.audit, promptTokens: Limits.waitingTokens, to: queue)
        #expect(try #require(queue.changes(places: 9)).begun.count == 1)
    }

    @Test("An engine that does not come back ends what it has in hand and what waits, and refuses until it is mended")
    func fault() async throws {
        let queue = JobQueue()
        let begun = Self.submitted(.user, to: queue)
        _ = queue.changes(places: 1)
        let over = Self.submitted(.user, to: queue)
        _ = queue.changes(places: 1)
        queue.noteEnd(over.id)
        let waiting = Self.submitted(.background, to: queue)
        let fault = EngineError.failed(reason: "it hangs")
        queue.breakOff(with: fault)
        await #expect(throws: fault) { for try await _ in begun.tokens {} }
        await #expect(throws: fault) { for try await _ in waiting.tokens {} }
        await #expect(throws: fault) { for try await _ in Self.submitted(.user, to: queue).tokens {} }
        queue.mend()
        let later = Self.submit(.user, to: queue)
        let changes = try #require(queue.changes(places: 4))
        #expect(changes.begun.map(\.id) == [later])
        #expect(changes.cancelled.isEmpty)
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
