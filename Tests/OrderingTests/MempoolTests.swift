import Cryptography
import OrderingAPI
import Primitives
import SoloOrdering
import Testing

@Suite struct MempoolTests {
    /// Puts a transaction through screening and admission as if the application accepted it.
    private func offer(_ addition: Addition, to mempool: inout Mempool) -> MempoolRefusal? {
        do throws(MempoolRefusal) {
            let hash = try mempool.screen(addition.bytes)
            let sender = Bytes(repeating: addition.sender, count: Address.length)
            try mempool.admit(
                addition.bytes, hash: hash,
                check: TransactionResult(sender: sender, sequence: addition.sequence, lane: addition.lane))
            return nil
        } catch { return error }
    }

    private func mempool(height: UInt64 = 0, _ change: (inout Limits) -> Void = { _ in }) -> Mempool {
        var limits = Limits()
        change(&limits)
        return Mempool(limits: limits, height: height)
    }

    private func reaped(
        _ mempool: Mempool, bytesMax: Int = 1 << 20, countMax: Int = 1000
    ) throws -> [[UInt64]] {
        try mempool.reap(bytesMax: bytesMax, countMax: countMax).map { transaction in
            let addition = try #require(Addition(transaction.bytes))
            return [UInt64(addition.sender), addition.sequence]
        }
    }

    private static func duty(of sender: UInt8, sequence: UInt64 = 0, padding: Int = 0) -> Addition {
        Addition(sender: sender, sequence: sequence, amount: Addition.dutyAmount, padding: padding)
    }

    struct RefusalCase: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var change: @Sendable (inout Limits) -> Void = { _ in }
        let offered: [Addition]
        let last: MempoolRefusal?
    }

    private static let refusals: [RefusalCase] = [
        RefusalCase(
            testDescription: "a transaction at the size limit",
            change: { $0.transactionBytesMax = 30 }, offered: [Addition(padding: 20)], last: nil),
        RefusalCase(
            testDescription: "a transaction over the size limit",
            change: { $0.transactionBytesMax = 29 }, offered: [Addition(padding: 20)], last: .tooLarge),
        RefusalCase(
            testDescription: "a transaction that no block could hold",
            change: { $0.block.bytesMax = 29 }, offered: [Addition(padding: 20)], last: .tooLarge),
        RefusalCase(
            testDescription: "the same bytes twice", offered: [Addition(), Addition()], last: .alreadyWaiting),
        RefusalCase(
            testDescription: "a full mempool", change: { ($0.waitingMax, $0.waitingDutyReserved) = (1, 0) },
            offered: [Addition(), Addition(sender: 2)], last: .tooManyWaiting),
        RefusalCase(
            testDescription: "bytes up to the limit",
            change: { ($0.waitingBytesMax, $0.waitingDutyBytesReserved) = (20, 0) },
            offered: [Addition(), Addition(sender: 2)], last: nil),
        RefusalCase(
            testDescription: "bytes over the limit",
            change: { ($0.waitingBytesMax, $0.waitingDutyBytesReserved) = (19, 0) },
            offered: [Addition(), Addition(sender: 2)], last: .tooManyBytesWaiting),
        RefusalCase(
            testDescription: "one sender over its limit", change: { $0.waitingPerSenderMax = 2 },
            offered: [Addition(), Addition(sequence: 1), Addition(sequence: 2)], last: .tooManyOfSender),
        RefusalCase(
            testDescription: "another sender when the first is at its limit", change: { $0.waitingPerSenderMax = 1 },
            offered: [Addition(), Addition(sender: 2)], last: nil),
        RefusalCase(
            testDescription: "one sender's bytes up to the limit", change: { $0.waitingBytesPerSenderMax = 20 },
            offered: [Addition(), Addition(sequence: 1)], last: nil),
        RefusalCase(
            testDescription: "one sender's bytes over the limit", change: { $0.waitingBytesPerSenderMax = 19 },
            offered: [Addition(), Addition(sequence: 1)], last: .tooManyBytesOfSender),
        RefusalCase(
            testDescription: "what is kept for duties", change: { ($0.waitingMax, $0.waitingDutyReserved) = (3, 2) },
            offered: [Addition(), Addition(sender: 2)], last: .tooManyWaiting),
        RefusalCase(
            testDescription: "bytes that are kept for duties",
            change: { ($0.waitingBytesMax, $0.waitingDutyBytesReserved) = (30, 11) },
            offered: [Addition(), Addition(sender: 2)], last: .tooManyBytesWaiting),
        RefusalCase(
            testDescription: "a duty where only duties may come",
            change: {
                ($0.waitingMax, $0.waitingDutyReserved) = (3, 2)
                ($0.waitingBytesMax, $0.waitingDutyBytesReserved) = (30, 20)
            },
            offered: [Addition(), duty(of: 2), duty(of: 3)], last: nil),
        RefusalCase(
            testDescription: "a duty where nothing may come", change: { $0.waitingMax = 2 },
            offered: [duty(of: 2), duty(of: 3), duty(of: 4)], last: .tooManyWaiting),
        RefusalCase(
            testDescription: "two transactions with one sequence",
            offered: [Addition(amount: 1), Addition(amount: 2)], last: .sequenceTaken),
    ]

    @Test(arguments: refusals) func eachBoundHasItsOwnRefusal(_ example: RefusalCase) {
        var mempool = mempool(example.change)
        let answers = example.offered.map { offer($0, to: &mempool) }
        #expect(answers.dropLast().allSatisfy { $0 == nil })
        #expect(answers.last == example.last)
        let admitted = zip(example.offered, answers).filter { $0.1 == nil }.map(\.0)
        #expect(mempool.count == admitted.count)
        #expect(mempool.byteCount == admitted.map(\.bytes.count).reduce(0, +))
    }

    @Test func codesOfRefusalsAreStableAndEachHasASentence() {
        let codes: [(MempoolRefusal, UInt32)] = [
            (.tooLarge, 1), (.alreadyWaiting, 2), (.alreadyCommitted, 3), (.tooManyWaiting, 4),
            (.tooManyBytesWaiting, 5), (.tooManyOfSender, 6), (.sequenceTaken, 7), (.expired, 8),
            (.tooManyBytesOfSender, 9), (.follower, 10),
        ]
        #expect(codes.map(\.0) == MempoolRefusal.allCases)
        for (refusal, code) in codes {
            #expect(refusal.result.code == code)
            #expect(refusal.result.codespace == "mempool")
            #expect(refusal.result.log.hasSuffix("."))
        }
        #expect(Set(MempoolRefusal.allCases.map(\.explanation)).count == codes.count)
    }

    @Test func orderIsArrivalAndWithinASenderTheSequence() throws {
        var mempool = mempool()
        let arrivals: [(sender: UInt8, sequence: UInt64)] = [(1, 7), (2, 0), (1, 5), (3, 1), (1, 6), (2, 1)]
        for (sender, sequence) in arrivals {
            #expect(offer(Addition(sender: sender, sequence: sequence), to: &mempool) == nil)
        }
        // Sender 1 keeps the places 0, 2 and 4, and fills them by sequence.
        #expect(try reaped(mempool) == [[1, 5], [2, 0], [1, 6], [3, 1], [1, 7], [2, 1]])
    }

    @Test func dutiesComeFirstInThePartOfABlockThatIsKeptForThem() throws {
        var mempool = mempool { ($0.block.dutyReserved, $0.block.dutyBytesReserved) = (3, 30) }
        let arrivals = [
            Addition(sender: 1), Self.duty(of: 2), Self.duty(of: 3, padding: 11), Addition(sender: 4),
            Self.duty(of: 4, sequence: 1), Self.duty(of: 5), Addition(sender: 5, sequence: 1), Self.duty(of: 6),
        ]
        for addition in arrivals { #expect(offer(addition, to: &mempool) == nil) }
        // 3 is too long for what is left beside 2; 4 has another one before its duty; after 2, 5 and 6 the part is full.
        let order: [[UInt64]] = [[2, 0], [5, 0], [6, 0], [1, 0], [3, 0], [4, 0], [4, 1], [5, 1]]
        #expect(try reaped(mempool) == order)
        #expect(try reaped(mempool, countMax: 2) == [[2, 0], [5, 0]])
        let first = Hash32.sha256(Self.duty(of: 2).bytes)
        let recheck = mempool.finish(height: 1, block: [(first, true)]).recheck
        #expect(
            recheck.map { Addition($0.bytes)?.sender } == [3, 1, 4, 4, 5, 5, 6], "now 3 fits, and nothing beside it")
    }

    @Test func oneSenderCannotFillTheMempool() throws {
        let limits = Limits()
        #expect(limits.waitingBytesPerSenderMax * 16 <= limits.waitingBytesMax)
        var mempool = mempool()
        for sequence in 0..<UInt64(limits.waitingPerSenderMax) {
            let longest = Addition(sequence: sequence, padding: limits.transactionBytesMax - 10)
            let refusal = offer(longest, to: &mempool)
            #expect(refusal == (sequence < 2 ? nil : .tooManyBytesOfSender))
        }
        #expect(mempool.byteCount == limits.waitingBytesPerSenderMax)
        #expect(offer(Addition(sender: 2), to: &mempool) == nil)
        mempool.remove(.sha256(Addition(sequence: 1, padding: limits.transactionBytesMax - 10).bytes))
        #expect(offer(Addition(sequence: 1), to: &mempool) == nil, "removal gives the bytes back")
    }

    @Test func aBlockTakesWhatFitsFromTheFrontAndNothingOvertakes() throws {
        var mempool = mempool()
        for (sender, padding) in [(1, 0), (2, 90), (3, 0)] {
            #expect(offer(Addition(sender: UInt8(sender), padding: padding), to: &mempool) == nil)
        }
        #expect(try reaped(mempool, bytesMax: 9).isEmpty)
        #expect(try reaped(mempool, bytesMax: 10) == [[1, 0]])
        #expect(try reaped(mempool, bytesMax: 109) == [[1, 0]])
        #expect(try reaped(mempool, bytesMax: 110) == [[1, 0], [2, 0]])
        #expect(try reaped(mempool, bytesMax: 120) == [[1, 0], [2, 0], [3, 0]])
        #expect(try reaped(mempool, countMax: 2) == [[1, 0], [2, 0]])
        #expect(mempool.count == 3)
    }

    @Test func aCommittedTransactionIsKnownAgainAndARefusedOneMayComeBack() throws {
        var mempool = mempool { $0.committedHashesMax = 2 }
        let additions = (0..<4).map { Addition(sequence: UInt64($0)) }
        for addition in additions { #expect(offer(addition, to: &mempool) == nil) }
        let hashes = additions.map { Hash32.sha256($0.bytes) }
        let aftermath = mempool.finish(
            height: 1, block: [(hashes[0], true), (hashes[1], false), (hashes[2], true)])
        #expect(aftermath.recheck.map(\.hash) == [hashes[3]])
        #expect(aftermath.expired.isEmpty)
        #expect(offer(additions[0], to: &mempool) == .alreadyCommitted)
        #expect(offer(additions[1], to: &mempool) == nil)
        #expect(offer(additions[2], to: &mempool) == .alreadyCommitted)
        _ = mempool.finish(height: 2, block: [(hashes[3], true)])
        #expect(offer(additions[0], to: &mempool) == nil, "only two hashes are remembered")
    }

    @Test func whatWaitedTooManyBlocksIsDroppedBeforeTheRecheck() throws {
        var mempool = mempool(height: 10) { $0.waitingBlocksMax = 2 }
        let (old, young) = (Addition(sender: 1), Addition(sender: 2))
        #expect(offer(old, to: &mempool) == nil)
        #expect(mempool.finish(height: 11, block: []).expired.isEmpty)
        #expect(offer(young, to: &mempool) == nil)
        let aftermath = mempool.finish(height: 12, block: [])
        #expect(aftermath.expired.map(\.bytes) == [old.bytes])
        #expect(aftermath.recheck.map(\.bytes) == [young.bytes])
        #expect(mempool.byteCount == young.bytes.count)
    }

    @Test func removalFreesTheSendersPlaceAndLeavesTheOrder() throws {
        var mempool = mempool { $0.waitingPerSenderMax = 3 }
        for sequence in 0..<3 { #expect(offer(Addition(sequence: UInt64(sequence)), to: &mempool) == nil) }
        mempool.remove(.sha256(Addition(sequence: 1).bytes))
        mempool.remove(.sha256(Addition(sequence: 1).bytes))
        #expect(try reaped(mempool) == [[1, 0], [1, 2]])
        #expect(offer(Addition(sequence: 3), to: &mempool) == nil)
        #expect(try reaped(mempool) == [[1, 0], [1, 2], [1, 3]])
    }

    @Test func howeverMuchArrivesWhatWasAdmittedIsInABlockWithinThree() throws {
        let limits = Limits()
        var mempool = mempool()
        var (height, flooded): (UInt64, UInt64) = (0, 0)
        var waitingSince: [Hash32: UInt64] = [:]
        for round in 0..<5 {
            // A flood from 200 senders fills the mempool before and after an honest transaction of growing size, and a
            // flood of duties takes all that is kept for them.
            let honest = Addition(sender: 255, sequence: UInt64(round), padding: round * 40_000)
            for sender in 200..<254 as Range<UInt8> {
                _ = offer(Self.duty(of: sender, sequence: UInt64(round), padding: 20_000), to: &mempool)
            }
            for _ in 0..<11_000 {
                flooded += 1
                _ = offer(Addition(sender: UInt8(flooded % 200), sequence: flooded, padding: 800), to: &mempool)
            }
            if offer(honest, to: &mempool) == nil { waitingSince[.sha256(honest.bytes)] = height }
            height += 1
            let block = mempool.reap(bytesMax: limits.block.bytesMax, countMax: limits.block.transactionsMax)
            #expect(block.map(\.bytes.count).reduce(0, +) <= limits.block.bytesMax)
            for transaction in block {
                if let since = waitingSince.removeValue(forKey: transaction.hash) { #expect(height - since <= 3) }
            }
            _ = mempool.finish(height: height, block: block.map { ($0.hash, true) })
        }
        #expect(waitingSince.values.allSatisfy { height - $0 < 3 })
    }
}
