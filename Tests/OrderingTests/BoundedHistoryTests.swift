import Cryptography
import OrderingAPI
import Primitives
import SoloOrdering
import Testing

@Suite struct BoundedHistoryTests {
    private func hash(_ number: Int) -> Hash32 { .sha256(.bigEndian(UInt64(number))) }

    @Test func theOldestGoesFirstWhereThereAreTooMany() {
        var history = BoundedHistory<Int>(countMax: 3)
        for number in 0..<10 {
            history.insert(number, for: hash(number))
            #expect(history.count == min(number + 1, 3))
        }
        #expect((0..<10).map { history[hash($0)] } == Array(repeating: nil, count: 7) + [7, 8, 9])
    }

    @Test func theOldestGoFirstWhereTheyAreTooLong() {
        var history = BoundedHistory<Int>(countMax: 100, bytesMax: 100)
        for number in 0..<4 { history.insert(number, for: hash(number), bytes: 25) }
        #expect((history.count, history.byteCount) == (4, 100))
        history.insert(4, for: hash(4), bytes: 26)
        #expect((0..<5).map { history[hash($0)] } == [nil, nil, 2, 3, 4])
        #expect(history.byteCount == 76)
        history.insert(5, for: hash(5), bytes: 1_000)
        #expect((history.count, history[hash(5)]) == (1, 5), "the newest is kept whatever its length")
        history.insert(6, for: hash(6), bytes: 1)
        #expect((history.count, history.byteCount) == (1, 1))
    }

    @Test func aValueIsReplacedInItsPlaceWithItsBytes() {
        var history = BoundedHistory<Int>(countMax: 2, bytesMax: 100)
        history.insert(1, for: hash(1), bytes: 90)
        history.insert(2, for: hash(2), bytes: 5)
        history.insert(10, for: hash(1), bytes: 10)
        #expect((history.count, history.byteCount, history[hash(1)]) == (2, 15, 10))
        history.insert(3, for: hash(3), bytes: 5)
        #expect((1...3).map { history[hash($0)] } == [nil, 2, 3])
    }

    @Test func aResultIsAsLongAsItsTexts() {
        func bytes(_ events: [Event]) -> Int {
            CommittedTransaction(
                hash: .zero, height: 1, index: 0, result: TransactionResult(events: events)
            ).memoryBytes
        }
        let long = String(repeating: "x", count: 10_000)
        #expect(bytes([]) > 0)
        #expect(bytes([Event("a", [.init("b", long)])]) >= bytes([Event("a", [.init("b", "")])]) + 10_000)
        #expect(bytes(Array(repeating: Event("", []), count: 1_000)) > 32_000)
    }
}
