import OrderingAPI
import Primitives
import TestSupport
import Testing

@testable import ABCIServer

@Suite struct ProposalOrderTests {
    /// A transaction of these tests: sender, whether it is a duty, a number, and bytes that only make it longer.
    private static func transaction(_ sender: UInt8, duty: Bool = false, _ number: UInt8 = 0, padding: Int = 0) -> Bytes
    {
        [sender, duty ? 1 : 0, number] + Bytes(repeating: 0, count: padding)
    }

    private static func outline(_ bytes: Bytes) -> TransactionOutline? {
        guard bytes.count >= 3, bytes[1] < 2 else { return nil }
        return TransactionOutline(sender: [bytes[0]], lane: bytes[1] == 1 ? .duty : .ordinary)
    }

    private static func arrange(_ waiting: [Bytes], _ limits: BlockLimits = BlockLimits(), bytesMax: Int = .max)
        -> [Bytes]
    {
        ProposalOrder(limits: limits).arrange(waiting, bytesMax: bytesMax, by: outline)
    }

    private static func isArranged(_ proposal: [Bytes], _ limits: BlockLimits = BlockLimits()) -> Bool {
        ProposalOrder(limits: limits).isArranged(proposal, by: outline)
    }

    @Test func dutiesComeFirstAndNothingTwice() {
        let (a, b) = (Self.transaction(1), Self.transaction(2))
        let (c, d) = (Self.transaction(3, duty: true), Self.transaction(4, duty: true))
        #expect(Self.arrange([a, c, b, a, d, c]) == [c, d, a, b])
        #expect(Self.arrange([[9], a, [1, 7, 7]]) == [a], "no transaction")
        #expect(Self.arrange([]) == [])
    }

    @Test func aDutyBehindAnotherTransactionOfItsSenderStaysBehindIt() {
        let (first, duty) = (Self.transaction(1), Self.transaction(1, duty: true))
        #expect(Self.arrange([first, duty]) == [first, duty])
        #expect(Self.arrange([duty, first]) == [duty, first])
        let second = Self.transaction(1, duty: true, 2)
        #expect(Self.arrange([Self.transaction(2), duty, second]) == [duty, Self.transaction(2), second])
    }

    @Test func dutiesBeyondTheirPartWaitLikeOthers() {
        var limits = BlockLimits()
        limits.dutyReserved = 2
        let duties = (1...4).map { Self.transaction($0, duty: true) }
        let other = Self.transaction(9)
        #expect(Self.arrange([other] + duties, limits) == [duties[0], duties[1], other, duties[2], duties[3]])
        limits.dutyReserved = 100
        limits.dutyBytesReserved = 5
        #expect(Self.arrange([other] + duties, limits) == [duties[0], other] + duties[1...])
    }

    @Test func aBlockEndsBeforeWhatNoLongerFits() {
        let waiting = (1...4).map { Self.transaction($0, padding: 97) }
        #expect(
            Self.arrange(waiting, bytesMax: 204) == Array(waiting[..<2]), "100 bytes, a tag and a length of one byte")
        #expect(Self.arrange(waiting, bytesMax: 203) == [waiting[0]])
        #expect(Self.arrange(waiting, bytesMax: 0) == [])
        #expect(Self.arrange(waiting, bytesMax: -1) == [])
        var limits = BlockLimits()
        limits.transactionsMax = 3
        #expect(Self.arrange(waiting, limits) == Array(waiting[..<3]))
        limits.bytesMax = 204
        #expect(Self.arrange(waiting, limits) == Array(waiting[..<2]))
    }

    @Test func onlyWhatSomebodyHonestProposesIsTaken() {
        let (a, c) = (Self.transaction(1), Self.transaction(3, duty: true))
        #expect(Self.isArranged([]))
        #expect(Self.isArranged([c, a]))
        #expect(!Self.isArranged([a, c]), "a duty behind")
        #expect(!Self.isArranged([a, a]), "twice")
        #expect(!Self.isArranged([a, [9]]), "no transaction")
        var limits = BlockLimits()
        limits.bytesMax = 9
        #expect(!Self.isArranged([c, a], limits), "too long")
        limits = BlockLimits()
        limits.transactionsMax = 1
        #expect(!Self.isArranged([c, a], limits), "too many")
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>) func whatIsArrangedIsArrangedForEverybody(seed: UInt64) {
        var numbers = SplitMix64(seed: seed)
        for _ in 0..<50 {
            let waiting = (0..<Int(numbers.next() % 40)).map { _ in
                Self.transaction(
                    UInt8(numbers.next() % 9), duty: numbers.next() % 2 == 0, UInt8(numbers.next() % 8),
                    padding: Int(numbers.next() % 60))
            }
            var limits = BlockLimits()
            (limits.dutyReserved, limits.dutyBytesReserved) = (Int(numbers.next() % 8), Int(numbers.next() % 300))
            (limits.transactionsMax, limits.bytesMax) = (Int(numbers.next() % 40), Int(numbers.next() % 2_000))
            let proposal = Self.arrange(waiting, limits, bytesMax: Int(numbers.next() % 2_000))
            #expect(Self.isArranged(proposal, limits), "seed \(seed)")
        }
    }
}
