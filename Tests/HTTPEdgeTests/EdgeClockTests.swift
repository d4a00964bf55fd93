import Testing

@testable import HTTPEdge

@Suite("The clock for deadlines that hardly ever pass", .timeLimit(.minutes(1)))
struct EdgeClockTests {
    private let sleepers = Sleepers()

    @Test("Nobody wakes before the deadline")
    func deadline() async throws {
        let deadline = ContinuousClock.now + .milliseconds(35)
        try await sleepers.sleep(until: deadline)
        #expect(ContinuousClock.now >= deadline)
    }

    @Test("A deadline that has passed is not waited for long")
    func past() async throws { try await sleepers.sleep(until: .now - .seconds(5)) }

    @Test("Sleepers with the same and with other deadlines all wake, again and again")
    func many() async throws {
        for _ in 0..<3 {
            try await withThrowingTaskGroup(of: Void.self) { [sleepers] group in
                for number in 0..<200 {
                    group.addTask { try await sleepers.sleep(until: .now + .milliseconds(Int64(number % 40))) }
                }
                try await group.waitForAll()
            }
            #expect(sleepers.count == 0)
        }
    }

    @Test("A sleeper that is cancelled wakes at once and leaves nothing behind")
    func cancelled() async throws {
        let tasks = (0..<100).map { _ in
            Task { [sleepers] in try await sleepers.sleep(until: .now + .seconds(3_600)) }
        }
        while sleepers.count < tasks.count { await Task.yield() }
        for task in tasks { task.cancel() }
        for task in tasks {
            await #expect(throws: CancellationError.self) { try await task.value }
        }
        #expect(sleepers.count == 0)
    }

    @Test("A call comes after its deadline; one that was taken back does not come")
    func calls() async throws {
        let (made, input) = AsyncStream<Int>.makeStream()
        let deadline = ContinuousClock.now + .milliseconds(25)
        let takenBack = sleepers.call(at: deadline) { input.yield(0) }
        _ = sleepers.call(at: deadline) { input.yield(1) }
        takenBack.cancel()
        for await number in made {
            #expect(number == 1)
            break
        }
        #expect(ContinuousClock.now >= deadline)
        #expect(sleepers.count == 0)
    }

    @Test("Who is cancelled before sleeps not at all")
    func cancelledBefore() async throws {
        let task = Task { [sleepers] in
            while !Task.isCancelled { await Task.yield() }
            try await sleepers.sleep(until: .now + .seconds(3_600))
        }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(sleepers.count == 0)
    }
}
