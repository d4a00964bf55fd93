import Cryptography
import LedgerClient
import Logging
import Messages
import Primitives
import Testing

@testable import Gateway

@Suite struct SessionPoolTests {
    private let ledger = MemoryLedger()

    private func engage(
        _ pool: SessionPool, maxTokens: Int = 10, excluding: Set<Address> = []
    ) async throws -> Engagement {
        try await pool.engage(try Fixtures.request(maxTokens: maxTokens), excluding: excluding)
    }

    // MARK: Opening

    @Test func theFirstRequestOpensASession() async throws {
        let pool = SessionPool.test(ledger, models: [])
        let engagement = try await engage(pool)
        #expect(engagement.session == 1)
        #expect(await ledger.openedSessions == [1])
    }

    @Test func requestsThatComeTogetherOpenOneSession() async throws {
        let pool = SessionPool.test(ledger)
        let sessions = try await withThrowingTaskGroup(of: UInt64.self, returning: Set<UInt64>.self) { group in
            for _ in 0..<20 { group.addTask { try await engage(pool).session } }
            return try await group.reduce(into: []) { $0.insert($1) }
        }
        #expect(sessions == [1])
        #expect(await ledger.openedSessions == [1])
    }

    @Test func upkeepOpensWhatIsToBeKept() async throws {
        let pool = SessionPool.test(ledger)
        try await pool.upkeep()
        #expect(await pool.openSessionIDs == [1])
        #expect(await pool.obstacles().isEmpty)
        for _ in 0..<3 { try await pool.upkeep() }
        #expect(await ledger.openedSessions == [1])
    }

    /// What cannot be paid for, now or ever.
    @Test func aRequestBeyondEveryAllotmentOpensNothing() async throws {
        let pool = SessionPool.test(ledger)
        _ = try await engage(pool)
        for _ in 0..<3 {
            await #expect(throws: EngagementFailure.insufficientDeposit) { try await engage(pool, maxTokens: 100_000) }
        }
        #expect(await ledger.openedSessions == [1])
    }

    /// How large an allotment is shows when the group is drawn.
    @Test func aRequestBeyondTheFirstSessionsAllotmentIsToldSo() async throws {
        let pool = SessionPool.test(ledger, deposit: Amount(330), models: [])
        for _ in 0..<2 {
            await #expect(throws: EngagementFailure.insufficientDeposit) { try await engage(pool, maxTokens: 100) }
        }
        #expect(await ledger.openedSessions == [1])
    }

    @Test func anEmptyPurseIsToldAndTheLedgerLeftAlone() async throws {
        let clock = SetClock()
        let pool = SessionPool.test(ledger, clock: clock)
        await ledger.refuse(code: 5, codespace: "sdk", log: "insufficient funds")
        await #expect(throws: EngagementFailure.insufficientDeposit) { try await engage(pool) }
        await ledger.accept()
        await #expect(throws: EngagementFailure.insufficientDeposit) { try await engage(pool) }
        #expect(await ledger.openedSessions == [])
        clock.advance(by: Limits.openingBackOff)
        _ = try await engage(pool)
    }

    @Test func otherRefusalsAreTheGatewaysTrouble() async throws {
        let pool = SessionPool.test(ledger)
        await ledger.refuse(code: 1, codespace: "models", log: "retired")
        await #expect(throws: EngagementFailure.noSession(.refusedByLedger("retired"))) { try await engage(pool) }
        #expect(await pool.obstacles() == ["no session is open for test-model: the ledger refused it"])
    }

    @Test func aGroupWithoutHostsIsNoSession() async throws {
        let pool = SessionPool.test(MemoryLedger(members: []))
        await #expect(throws: EngagementFailure.noSession(.noHosts(model: Fixtures.model))) { try await engage(pool) }
    }

    /// All of the group's room is taken by open requests: some more sessions are opened, then the client has to wait.
    @Test func roomThatIsTakenUpComesBack() async throws {
        let pool = SessionPool.test(ledger, deposit: Amount(330), models: [])
        var open: [Engagement] = []
        for _ in 0..<(3 * Limits.sessionsPerModelMax) { open.append(try await engage(pool)) }
        await #expect(throws: EngagementFailure.noRoom) { try await engage(pool) }
        await pool.release(open[0], fee: .zero, conduct: .good)
        let next = try await engage(pool)
        #expect(next.session == open[0].session && next.host == open[0].host)
    }

    // MARK: Renewal

    @Test func aSessionIsReplacedBeforeItsExpiry() async throws {
        await ledger.openSessionsExpire(after: 100)
        let pool = SessionPool.test(ledger)
        let engagement = try await engage(pool)
        await ledger.advance(to: 110 - Limits.renewalBlocks)
        try await pool.upkeep()
        #expect(await ledger.openedSessions == [1, 2])
        #expect(await ledger.closedSessions == [], "a request is open")
        #expect(try await engage(pool).session == 2)
        await pool.release(engagement, fee: .zero, conduct: .good)
        try await pool.upkeep()
        #expect(await ledger.closedSessions == [1])
        #expect(await pool.openSessionIDs == [2])
    }

    @Test func aSessionIsReplacedBeforeItsRoomIsGone() async throws {
        let pool = SessionPool.test(ledger, deposit: Amount(3_300))
        while await ledger.openedSessions.count < 2 {
            let engagement = try await engage(pool)
            #expect(engagement.session == 1, "the old one is used as long as it has room")
            await pool.release(engagement, fee: engagement.promise.maximum, conduct: .good)
            try await pool.upkeep()
        }
        #expect(try await engage(pool).session == 2)
        #expect(await ledger.closedSessions == [1])
    }

    @Test func aModelThatNobodyAsksForIsNotRenewed() async throws {
        await ledger.openSessionsExpire(after: 100)
        let pool = SessionPool.test(ledger, models: [])
        let engagement = try await engage(pool)
        await pool.release(engagement, fee: .zero, conduct: .good)
        await ledger.advance(to: 90)
        try await pool.upkeep()
        #expect(await ledger.openedSessions == [1, 2], "it was asked for under the first")
        await ledger.advance(to: 190)
        try await pool.upkeep()
        #expect(await ledger.openedSessions == [1, 2])
        #expect(await pool.openSessionIDs == [])
    }

    @Test func theLastSessionIsKeptWhereNoOtherCanBeOpened() async throws {
        await ledger.openSessionsExpire(after: 100)
        let pool = SessionPool.test(ledger)
        try await pool.upkeep()
        await ledger.refuse(code: 5, codespace: "sdk", log: "insufficient funds")
        await ledger.advance(to: 90)
        try await pool.upkeep()
        #expect(try await engage(pool).session == 1)
        #expect(await ledger.closedSessions == [])
    }

    @Test func aSessionThatTheLedgerClosedIsNotUsed() async throws {
        let pool = SessionPool.test(ledger)
        let open = try await engage(pool)
        try await ledger.setState(.closing, of: 1)
        await ledger.advance(to: 20)
        try await pool.upkeep()
        #expect(try await engage(pool).session == 2)
        await pool.release(open, fee: .zero, conduct: .good)
        try await pool.upkeep()
        #expect(await pool.openSessionIDs == [2])
        #expect(await ledger.closedSessions == [], "it is closed already")
    }

    @Test func hostsThatMoveAreFollowed() async throws {
        let pool = SessionPool.test(ledger)
        try await pool.upkeep()
        var moved = TestHost(1).record
        moved.url = "http://elsewhere.test"
        moved.operatorKey = TestHost(9).operatorKey.publicKey.compressed
        await ledger.setHost(moved)
        await ledger.advance(to: 20 + Limits.hostReviewBlocks)
        try await pool.upkeep()
        let engagement = try await engage(pool)
        #expect(engagement.url == "http://elsewhere.test")
        #expect(engagement.operatorKey == TestHost(9).operatorKey.publicKey)
    }

    // MARK: The ledger is away

    @Test func sessionsServeWithoutTheLedger() async throws {
        let clock = SetClock()
        let pool = SessionPool.test(ledger, clock: clock)
        try await pool.upkeep()
        await ledger.setReachable(false)
        await #expect(throws: GatewayError.self) { try await pool.upkeep() }
        _ = try await engage(pool)
        #expect(await pool.obstacles().isEmpty)
        clock.advance(by: .seconds(16))
        #expect(await pool.obstacles() == ["the ledger has not been reached for longer than a voucher lives"])
        await ledger.setReachable(true)
        try await pool.upkeep()
        #expect(await pool.obstacles().isEmpty)
    }

    @Test func vouchersCarryTheNewestHeight() async throws {
        let pool = SessionPool.test(ledger)
        try await pool.upkeep()
        await ledger.advance(to: 77)
        try await pool.upkeep()
        #expect(try await engage(pool).voucher.statement.height == 77)
    }

    @Test func aGatewayThatNeverReachedTheLedgerSaysSo() async throws {
        await ledger.setReachable(false)
        let pool = SessionPool.test(ledger)
        await #expect(throws: EngagementFailure.noSession(.ledger(.unreachable("switched off")))) {
            try await engage(pool)
        }
        #expect(await pool.obstacles() == ["the ledger was not reached yet"])
    }

    // MARK: Crashes

    @Test func aStartGoesOnWithTheOldSessions() async throws {
        let disk = MemoryBook()
        let before = SessionPool.test(ledger, disk: disk)
        let signed = try await engage(before)
        let after = SessionPool.test(ledger, disk: MemoryBook(disk: disk))
        let next = try await engage(after, excluding: [])
        #expect(next.session == 1 && next.host == TestHost(2).address, "host 1 counts as fully promised")
        let same = try await engage(after, excluding: Set([TestHost(2), TestHost(3)].map(\.address)))
        #expect(same.promise.sequence > signed.promise.sequence)
        #expect(same.promise.amount > signed.promise.amount)
        #expect(await ledger.openedSessions == [1])
    }

    @Test func sessionsOfOtherKeysAreLeftAlone() async throws {
        var foreign = Fixtures.session(id: 5)
        foreign.sessionKey = Fixtures.key(9).publicKey.compressed
        await ledger.put(foreign)
        let pool = SessionPool.test(ledger, models: [])
        try await pool.upkeep()
        #expect(await pool.openSessionIDs == [])
    }

    @Test func aBookThatCannotBeReadStopsTheStart() async throws {
        let folder = try ScratchFolder()
        try folder.write("{", to: "vouchers-\(Fixtures.chainID).json")
        let path = folder.path
        let pool = SessionPool(
            ledger: ledger, payer: Fixtures.payer, sessionKey: Fixtures.sessionKey,
            configuration: SessionPool.Configuration(
                terms: SessionTerms(deposit: Amount(1_000)), models: [],
                storage: { VoucherFile(directory: path, chainID: $0) }), logger: .init(label: "test"))
        await #expect { try await pool.upkeep() } throws: { error in
            guard case .damagedBook = error as? GatewayError else { return false }
            return true
        }
    }

    @Test func aDiskThatFailsSignsNothing() async throws {
        let pool = SessionPool.test(ledger, disk: MemoryBook(crash: .before(write: 2)))
        await #expect(throws: EngagementFailure.noSession(.cannotWrite(path: "memory", reason: "crashed"))) {
            try await engage(pool)
        }
        #expect(await pool.openRequests == 0)
    }

    // MARK: Closing

    @Test func closingWaitsForOpenRequests() async throws {
        let pool = SessionPool.test(ledger)
        let engagement = try await engage(pool)
        let closing = Task { try await pool.closeAll() }
        while await pool.isOpen { await Task.yield() }
        await #expect(throws: EngagementFailure.closed) { try await engage(pool) }
        #expect(await ledger.closedSessions == [])
        await pool.release(engagement, fee: .zero, conduct: .good)
        #expect(try await closing.value == [1])
        #expect(await ledger.closedSessions == [1])
        #expect(await pool.obstacles() == ["the sessions are closed"])
        try await pool.upkeep()
        #expect(await ledger.openedSessions == [1], "upkeep opens nothing that was closed by order")
    }

    @Test func whatWasClosedCanBeOpenedAnew() async throws {
        let pool = SessionPool.test(ledger)
        try await pool.upkeep()
        #expect(try await pool.closeAll() == [1])
        try await pool.openAll()
        #expect(try await engage(pool).session == 2)
    }

    /// A book that forgot a session that still takes vouchers would repeat its sequences.
    @Test func aSessionThatCouldNotBeClosedIsRemembered() async throws {
        let disk = MemoryBook()
        let pool = SessionPool.test(ledger, disk: disk)
        let engagement = try await engage(pool)
        await pool.release(engagement, fee: .zero, conduct: .good)
        await ledger.refuse(code: 1, codespace: "sessions", log: "not now")
        await #expect(throws: GatewayError.refusedByLedger("not now")) { try await pool.closeAll() }
        try await pool.stop()
        #expect(disk.saved.keys.contains { $0.session == 1 })
        await ledger.accept()
        #expect(try await pool.closeAll() == [1])
    }

    @Test func aStopKeepsTheSessionsForTheNextStart() async throws {
        let disk = MemoryBook()
        let before = SessionPool.test(ledger, disk: disk)
        let engagement = try await engage(before)
        await before.release(engagement, fee: Amount(7), conduct: .good)
        try await before.stop()
        await #expect(throws: EngagementFailure.closed) { try await engage(before) }
        let after = SessionPool.test(ledger, disk: MemoryBook(disk: disk))
        let only = try await engage(after, excluding: [])
        #expect(only.session == 1)
        #expect(await after.account(TestHost(1))?.fees == Amount(7))
    }
}
