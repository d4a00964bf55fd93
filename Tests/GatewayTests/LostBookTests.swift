import Cryptography
import LedgerClient
import Messages
import Primitives
import Testing

@testable import Gateway

/// Sessions that the ledger knows and the voucher book does not, and the other way round.
@Suite(.timeLimit(.minutes(1))) struct LostBookTests {
    private let ledger = MemoryLedger()

    private func engage(_ pool: SessionPool) async throws -> Engagement {
        try await pool.engage(try Fixtures.request(), excluding: [])
    }

    /// Nobody knows what was signed under it.
    @Test func aSessionWithoutABookIsClosedAndNeverUsed() async throws {
        let before = SessionPool.test(ledger)
        let engagement = try await engage(before)
        await before.release(engagement, fee: Amount(7), conduct: .good)
        try await before.stop()
        let after = SessionPool.test(ledger)
        #expect(try await engage(after).session == 2)
        #expect(await ledger.closedSessions == [1])
        #expect(await after.openSessionIDs == [2])
    }

    /// The transaction was sent, and the process died before it knew.
    @Test func aSessionWhoseOpeningWasCutOffIsClosed() async throws {
        let first = SessionPool.test(ledger)
        await ledger.loseAnswers()
        await #expect(throws: EngagementFailure.self) { try await engage(first) }
        await ledger.accept()
        let second = SessionPool.test(ledger)
        #expect(try await engage(second).session == 2)
        #expect(await ledger.closedSessions == [1])
    }

    /// The answer was lost, and the process lives on.
    @Test func aSessionWhoseOpeningWasNotAnsweredIsClosed() async throws {
        let clock = SetClock()
        let pool = SessionPool.test(ledger, clock: clock)
        await ledger.loseAnswers()
        await #expect(throws: EngagementFailure.self) { try await engage(pool) }
        await ledger.accept()
        clock.advance(by: Limits.openingBackOff)
        try await pool.upkeep()
        #expect(await pool.openSessionIDs == [2])
        #expect(await ledger.closedSessions == [1])
    }

    @Test func aSessionThatCannotBeClosedKeepsNobodyFromBeingServed() async throws {
        try await SessionPool.test(ledger).upkeep()
        let pool = SessionPool.test(ledger)
        await ledger.refuseClosing()
        #expect(try await engage(pool).session == 2)
        await ledger.accept()
        try await pool.upkeep()
        #expect(await ledger.closedSessions == [1])
    }

    /// Its group is not drawn yet, so the book cannot name it; whoever opens it is about to.
    @Test func aSessionThatIsBeingOpenedIsLeftAlone() async throws {
        await ledger.drawsLater()
        let pool = SessionPool.test(ledger)
        let opening = Task { try await engage(pool).session }
        while await ledger.openedSessions.isEmpty { await Task.yield() }
        for _ in 0..<3 {
            _ = try await pool.reach()
            #expect(await ledger.closedSessions == [])
        }
        try await ledger.draw()
        #expect(try await opening.value == 1)
        try await pool.upkeep()
        #expect(await ledger.closedSessions == [])
        #expect(await pool.openSessionIDs == [1])
    }

    // MARK: A node that lags

    private func bookOfSession1() async throws -> MemoryBook {
        let disk = MemoryBook()
        let before = SessionPool.test(ledger, disk: disk)
        let engagement = try await engage(before)
        await before.release(engagement, fee: Amount(7), conduct: .good)
        try await before.stop()
        return MemoryBook(disk: disk)
    }

    @Test func aSessionThatTheNodeDoesNotKnowYetIsLookedForAgain() async throws {
        let pool = SessionPool.test(ledger, disk: try await bookOfSession1(), models: [])
        await ledger.hide(session: 1)
        for _ in 0..<3 { try await pool.upkeep() }
        #expect(await pool.openSessionIDs == [])
        await ledger.hide(session: nil)
        try await pool.upkeep()
        #expect(await pool.openSessionIDs == [1])
        #expect(await pool.account(TestHost(1))?.fees == Amount(7))
    }

    @Test func aSessionThatNoNodeKnowsIsGivenUp() async throws {
        let clock = SetClock()
        let pool = SessionPool.test(ledger, disk: try await bookOfSession1(), models: [], clock: clock)
        await ledger.hide(session: 1)
        try await pool.upkeep()
        #expect(await pool.chain?.unrecovered.isEmpty == false)
        clock.advance(by: .seconds(301))
        try await pool.upkeep()
        #expect(await pool.chain?.unrecovered.isEmpty == true)
    }
}
