import Primitives
import Testing

@testable import Gateway

@Suite struct VoucherBookTests {
    private static let allotment = Amount(10_000)
    private static let key = VoucherBook.Key(session: 7, executor: TestHost(1).address)

    private static func open(_ disk: MemoryBook) throws(GatewayError) -> VoucherBook {
        var book = try VoucherBook(storage: disk)
        try book.enter(session: key.session, members: [key.executor])
        book.begin(key, allotment: allotment)
        return book
    }

    /// One life of a gateway: opens requests of different sizes until it dies; some end, with what they cost.
    ///
    /// - Returns: what was signed, in order, with what was owed then at least.
    private static func life(_ disk: MemoryBook) -> [(promise: VoucherAccount.Promise, owed: UInt64)] {
        var signed: [(promise: VoucherAccount.Promise, owed: UInt64)] = []
        var owed: UInt64 = 0
        do {
            var book = try open(disk)
            for step in 0..<200 {
                let maximum = Amount(UInt64(1 + step * 7 % 23))
                guard let promise = try book.promise(maximum, to: key) else { return signed }
                owed += maximum.ngonka
                signed.append((promise, owed))
                if step % 3 != 0 {
                    let fee = Amount(UInt64(step % 5))
                    book.close(promise, with: key, fee: fee)
                    owed = owed - maximum.ngonka + min(fee, maximum).ngonka
                }
            }
        } catch {
            // The disk is gone, and the process with it.
        }
        return signed
    }

    /// Kills the gateway around each of its first writes, starts it again from what is on disk, and kills that too.
    @Test(arguments: (1...12).map(MemoryBook.Crash.before(write:)) + (1...12).map(MemoryBook.Crash.after(write:)))
    func aCrashNeverRepeatsASequenceOrTakesBackAnAmount(crash: MemoryBook.Crash) throws {
        var sequences: Set<UInt64> = []
        var owedBefore: UInt64 = 0
        var disk = MemoryBook(crash: crash)
        for nextCrash in [crash, nil, nil] {
            let signed = Self.life(disk)
            for (promise, owed) in signed {
                #expect(sequences.insert(promise.sequence).inserted, "sequence \(promise.sequence) came twice")
                #expect(promise.amount.ngonka >= owed + owedBefore, "\(promise) does not cover what is owed")
            }
            owedBefore += signed.last?.owed ?? 0
            disk = MemoryBook(disk: disk, crash: nextCrash)
        }
        #expect(!sequences.isEmpty)
    }

    @Test func aFailedWritePromisesNothing() throws {
        let disk = MemoryBook(crash: .before(write: 2))
        var book = try Self.open(disk)
        #expect(throws: GatewayError.cannotWrite(path: "memory", reason: "crashed")) {
            try book.promise(Amount(1), to: Self.key)
        }
        #expect(book[Self.key]?.openRequests == 0)
    }

    @Test func manyRequestsTakeFewWrites() throws {
        let disk = MemoryBook()
        var book = try Self.open(disk)
        for _ in 0..<200 {
            let promise = try #require(try book.promise(Amount(5), to: Self.key))
            book.close(promise, with: Self.key, fee: Amount(1))
        }
        #expect(disk.writes <= 1 + 200 / Int(Limits.sequencesPerReservation) + 1)
    }

    @Test func aForgottenSessionIsNotWrittenAgain() throws {
        let disk = MemoryBook()
        var book = try Self.open(disk)
        let other = VoucherBook.Key(session: 8, executor: Self.key.executor)
        book.begin(other, allotment: Self.allotment)
        _ = try book.promise(Amount(1), to: Self.key)
        book.forget(session: Self.key.session)
        _ = try book.promise(Amount(1), to: other)
        #expect(Set(disk.saved.keys) == [other])
        #expect(try book.promise(Amount(1), to: Self.key) == nil)
    }

    @Test func aRequestThatEndsAfterItsSessionWasForgottenIsNoTrouble() throws {
        var book = try Self.open(MemoryBook())
        let promise = try #require(try book.promise(Amount(1), to: Self.key))
        book.forget(session: Self.key.session)
        book.close(promise, with: Self.key, fee: Amount(1))
        #expect(book[Self.key] == nil)
    }

    @Test func theBookNamesASessionBeforeAnythingIsPromisedUnderIt() throws {
        let disk = MemoryBook()
        _ = try Self.open(disk)
        #expect(try VoucherBook(storage: MemoryBook(disk: disk)).sessions == [Self.key.session])
    }

    @Test func aStopWithoutCrashSkipsNothing() throws {
        let disk = MemoryBook()
        var book = try Self.open(disk)
        let promise = try #require(try book.promise(Amount(9), to: Self.key))
        book.close(promise, with: Self.key, fee: Amount(4))
        try book.settle()
        var next = try Self.open(MemoryBook(disk: disk))
        let following = try #require(try next.promise(Amount(1), to: Self.key))
        #expect(following.sequence == promise.sequence + 1)
        #expect(following.amount == Amount(5))
    }
}
