import Cryptography
import OrderingAPI
import Primitives
import SoloOrdering
import Testing

@Suite(.timeLimit(.minutes(1))) struct SoloOrderingTests {
    @Test func aTransactionIsAnsweredFromItsBlock() async throws {
        let node = try Node()
        try await node.running {
            let first = try await node.commit(Addition(sequence: 0, amount: 5))
            #expect((first.height, first.index, first.result.isAccepted) == (1, 0, true))
            let refused = try await node.commit(Addition(sequence: 1, amount: Addition.refusedAmount))
            #expect((refused.height, refused.result.code) == (2, 3))
            #expect(await node.ordering.transaction(first.hash) == first)
            #expect(await node.ordering.transaction(.zero) == nil)
            let block = try #require(try await node.ordering.block(at: 1))
            #expect(block.transactions == [Addition(sequence: 0, amount: 5).bytes])
            #expect(try await node.ordering.block(at: 3) == nil)
            let status = try await node.ordering.status()
            #expect((status.chainID, status.tip.height, status.waitingTransactions) == ("test-1", 2, 0))
            let answer = try await node.ordering.query(QueryRequest(path: "/total", data: []))
            #expect(answer.value == Bytes.bigEndian(5))
            #expect((answer.height, answer.appHash) == (2, status.tip.appHash))
        }
    }

    @Test func aRefusedCheckNeverWaits() async throws {
        let node = try Node()
        try await node.running {
            let unreadable = try await node.ordering.broadcastAndWait([1], timeout: .seconds(60))
            #expect(unreadable == .refused(CountingApplication.unreadable))
            let early = try await node.ordering.broadcast(Addition(sequence: 4).bytes)
            #expect(early.code == 2)
            #expect(try await node.ordering.status().waitingTransactions == 0)
        }
    }

    @Test func sendingTheSameBytesAgainIsHarmless() async throws {
        let node = try Node()
        try await node.running {
            let first = try await node.commit(Addition())
            #expect(try await node.commit(Addition()) == first)
            #expect(try await node.ordering.broadcast(Addition().bytes) == MempoolRefusal.alreadyCommitted.result)
            #expect(
                try await node.ordering.waitForTransaction(first.hash, timeout: .zero) == .committed(first))
        }
    }

    @Test func severalCallersWaitForOneTransaction() async throws {
        let node = try Node(pace: .everySecond)
        try await node.running {
            let bytes = Addition().bytes
            #expect(try await node.ordering.broadcast(bytes).isAccepted)
            #expect(try await node.ordering.broadcast(bytes) == MempoolRefusal.alreadyWaiting.result)
            async let again = node.ordering.broadcastAndWait(bytes, timeout: .seconds(60))
            async let stranger = node.ordering.waitForTransaction(.sha256(bytes), timeout: .seconds(30))
            await node.clock.whenSomebodySleeps(until: .seconds(60))
            await node.clock.whenSomebodySleeps(until: .seconds(30))
            node.clock.advance(by: .seconds(1))
            let outcomes = try await [again, stranger]
            guard case .committed(let transaction) = outcomes[0] else { throw OrderingError.stopped }
            #expect(transaction.height == 1)
            #expect(outcomes[1] == outcomes[0])
        }
    }

    @Test func aWaitEndsAtItsTimeoutOrWhenItsTaskIsCancelled() async throws {
        let node = try Node(pace: .everySecond)
        try await node.running {
            async let late = node.ordering.waitForTransaction(.zero, timeout: .milliseconds(500))
            await node.clock.whenSomebodySleeps(until: .milliseconds(500))
            node.clock.advance(by: .milliseconds(500))
            let outcome = try await late
            #expect(outcome == .unknown)

            let cancelled = Task { try await node.ordering.waitForTransaction(.zero, timeout: .seconds(9)) }
            await node.clock.whenSomebodySleeps(until: .milliseconds(9500))
            cancelled.cancel()
            #expect(try await cancelled.value == .unknown)
        }
    }

    @Test func waitersAndSubscriptionsAreBounded() async throws {
        let node = try Node(pace: .everySecond) { ($0.waitersMax, $0.subscriptionsMax) = (1, 1) }
        try await node.running {
            async let only = node.ordering.waitForTransaction(.zero, timeout: .milliseconds(10))
            await node.clock.whenSomebodySleeps(until: .milliseconds(10))
            await #expect(throws: OrderingError.tooManyWaiters(max: 1)) {
                try await node.ordering.waitForTransaction(.zero, timeout: .zero)
            }
            node.clock.advance(by: .milliseconds(10))
            #expect(try await only == .unknown)
            let stream = try await node.ordering.newBlocks()
            await #expect(throws: OrderingError.tooManySubscriptions(max: 1)) { try await node.ordering.newBlocks() }
            withExtendedLifetime(stream) {}
        }
    }

    @Test func blocksComeByTheClockEvenWhereNothingWaits() async throws {
        let node = try Node(pace: .everySecond)
        try await node.running {
            var blocks = try await node.ordering.newBlocks().makeAsyncIterator()
            for height in 1...5 as ClosedRange<UInt64> {
                await node.clock.whenSomebodySleeps(until: .seconds(height))
                node.clock.advance(by: .seconds(1))
                let block = try #require(await blocks.next())
                #expect(block.tip.height == height)
                #expect(block.tip.timeMilliseconds == 1_000_000 + 1000 * height)
                #expect(block.transactionCount == 0)
                #expect(block.events.map(\.type) == ["counted"])
            }
        }
    }

    @Test func aSubscriberThatLagsMissesTheOldestAndEndsWithTheNode() async throws {
        let node = try Node { $0.subscriptionBlocksMax = 2 }
        try await node.ordering.start()
        let stream = try await node.ordering.newBlocks()
        let run = Task { try await node.ordering.run() }
        for sequence in 0..<5 { _ = try await node.commit(Addition(sequence: UInt64(sequence))) }
        await node.ordering.stop()
        try await run.value
        var heights: [UInt64] = []
        for await block in stream { heights.append(block.tip.height) }
        #expect(heights == [4, 5])
    }

    @Test func whatWaitsIsCheckedAgainAfterEachBlock() async throws {
        let application = PickyApplication()
        let node = try Node(application, pace: .everySecond) { $0.block.transactionsMax = 1 }
        try await node.running {
            #expect(try await node.ordering.broadcast([1]).isAccepted)
            async let second = node.ordering.broadcastAndWait([2], timeout: .seconds(60))
            await node.clock.whenSomebodySleeps(until: .seconds(60))
            node.clock.advance(by: .seconds(1))
            let outcome = try await second
            #expect(outcome == .refused(PickyApplication.outdated))
            #expect(try await node.ordering.status().waitingTransactions == 0)
        }
    }

    @Test func aDutyIsInTheNextBlockHoweverFullTheMempoolIs() async throws {
        let node = try Node(pace: .everySecond) {
            ($0.waitingMax, $0.waitingDutyReserved) = (10, 2)
            ($0.block.transactionsMax, $0.block.dutyReserved) = (2, 1)
        }
        try await node.running {
            for sender in 1...8 as ClosedRange<UInt8> {
                #expect(try await node.ordering.broadcast(Addition(sender: sender).bytes).isAccepted)
            }
            let late = try await node.ordering.broadcast(Addition(sender: 9).bytes)
            #expect(late == MempoolRefusal.tooManyWaiting.result)
            let duty = Addition(sender: 10, amount: Addition.dutyAmount)
            async let committed = node.commit(duty)
            await node.clock.whenSomebodySleeps(until: .seconds(60))
            #expect(try await node.ordering.status().waitingTransactions == 9)
            node.clock.advance(by: .seconds(1))
            let transaction = try await committed
            #expect((transaction.height, transaction.index) == (1, 0))
            let first = try #require(try await node.ordering.block(at: 1))
            #expect(first.transactions == [duty.bytes, Addition(sender: 1).bytes])
        }
    }

    @Test func aRestartGoesOnWhereTheNodeStopped() async throws {
        let disk = CountingApplication.Disk()
        let folder = try ScratchFolder()
        var tips: [ChainTip] = []
        for sequence in 0..<3 as Range<UInt64> {
            let node = try Node(CountingApplication(disk: disk), folder: folder)
            try await node.running {
                #expect(try await node.ordering.status().tip.height == sequence)
                #expect(try await node.commit(Addition(sequence: sequence)).height == sequence + 1)
                tips.append(try await node.ordering.status().tip)
            }
        }
        var replay = try Replay(path: folder.blockFile, application: CountingApplication())
        var replayed: [ChainTip] = []
        while let tip = try replay.next() { replayed.append(tip) }
        #expect(replayed == tips)
    }

    @Test func resultsOfBlocksThatAreExecutedAgainCanBeLookedUp() async throws {
        let folder = try ScratchFolder()
        let first = try Node(folder: folder)
        var committed: CommittedTransaction?
        try await first.running { committed = try await first.commit(Addition()) }
        let hash = try #require(committed?.hash)
        let second = try Node(folder: folder)
        try await second.running {
            #expect(await second.ordering.transaction(hash) == committed)
            let again = try await second.commit(Addition())
            #expect(again == committed)
        }
    }

    @Test func aTransactionThatFailedInItsBlockGivesTheSameAnswerAgain() async throws {
        let node = try Node()
        try await node.running {
            let failed = try await node.commit(Addition(amount: Addition.refusedAmount))
            #expect((failed.height, failed.result.code) == (1, 3))
            #expect(try await node.commit(Addition(amount: Addition.refusedAmount)) == failed)
            // The next sequence is free, and the failed transaction keeps its answer.
            #expect(try await node.commit(Addition(sequence: 1)).height == 2)
            #expect(try await node.commit(Addition(amount: Addition.refusedAmount)) == failed)
        }
    }

    @Test func resultsAreKeptWithinTheirBytes() async throws {
        let node = try Node { $0.resultBytesMax = 1 }
        try await node.running {
            let first = try await node.commit(Addition(sequence: 0))
            let second = try await node.commit(Addition(sequence: 1))
            #expect(await node.ordering.transaction(first.hash) == nil)
            #expect(await node.ordering.transaction(second.hash) == second)
        }
    }

    @Test func aFailingApplicationStopsTheNodeAndNothingIsAcknowledged() async throws {
        let application = CrashingApplication(CountingApplication(), at: .beforeCommit, ofBlock: 2)
        let node = try Node(application)
        try await node.ordering.start()
        let stream = try await node.ordering.newBlocks()
        let run = Task { try await node.ordering.run() }
        _ = try await node.commit(Addition(sequence: 0))
        let expected = OrderingError.application(height: 2, CrashingApplication.crash)
        await #expect(throws: expected) {
            try await node.ordering.broadcastAndWait(Addition(sequence: 1).bytes, timeout: .seconds(60))
        }
        await #expect(throws: expected) { try await run.value }
        await #expect(throws: expected) { try await node.ordering.status() }
        await #expect(throws: expected) { try await node.ordering.broadcast(Addition(sequence: 1).bytes) }
        var heights: [UInt64] = []
        for await block in stream { heights.append(block.tip.height) }
        #expect(heights == [1])
    }

    @Test func stoppingLetsEveryCallerGoAndFreesTheFile() async throws {
        let node = try Node(pace: .everySecond)
        try await node.ordering.start()
        let run = Task { try await node.ordering.run() }
        let waiting = Task { try await node.ordering.waitForTransaction(.zero, timeout: .seconds(60)) }
        await node.clock.whenSomebodySleeps(until: .seconds(60))
        run.cancel()
        try await run.value
        await #expect(throws: OrderingError.stopped) { try await waiting.value }
        await #expect(throws: OrderingError.stopped) { try await node.ordering.status() }
        let next = try Node(folder: node.folder)
        try await next.ordering.start()
        #expect(try await next.ordering.status().tip.height == 0)
    }

    @Test func callsBeforeTheStartAndASecondNodeOnOneFileAreRefused() async throws {
        let node = try Node()
        await #expect(throws: OrderingError.notStarted) { try await node.ordering.status() }
        try await node.running {
            let second = try Node(folder: node.folder)
            await #expect(throws: OrderingError.blockLog(.busy(path: node.folder.blockFile))) {
                try await second.ordering.run()
            }
        }
    }
}

/// Accepts everything until a block is committed, and nothing from then on.
private final class PickyApplication: ReplicatedApplication {
    static let outdated = TransactionResult(code: 7, codespace: "picky")

    private var height: UInt64 = 0

    func info() -> ApplicationInfo { .beforeGenesis }

    func initChain(_ request: InitChainRequest) -> InitChainResponse { InitChainResponse(appHash: .zero) }

    func checkTransaction(_ bytes: Bytes, isRecheck: Bool) -> TransactionResult {
        height == 0 ? TransactionResult(sender: bytes) : PickyApplication.outdated
    }

    func finalizeBlock(_ block: OrderedBlock) -> BlockResult {
        BlockResult(
            transactionResults: block.transactions.map { _ in TransactionResult() }, events: [], appHash: .zero)
    }

    func commit() { height += 1 }

    func query(_ request: QueryRequest) -> QueryResponse { QueryResponse(height: height, appHash: .zero) }
}
