import Cryptography
import Messages
import OpenAIWire
import Primitives
import ProtocolRules
import TestSupport
import Testing

@testable import HostRoles

@Suite("A session's book")
struct SessionBookTests {
    static let payer = TestAccount("payer")
    static let host = TestAccount("host").address

    static func voucher(_ sequence: UInt64, _ amount: UInt64, body: String = "body") -> Signed<Voucher> {
        Signed(
            Voucher(
                chainID: "gonka-swift-test-1", session: 7, executor: host, sequence: sequence, height: 1,
                requestDigest: .sha256(utf8: body), amount: Amount(amount)), by: payer.key)
    }

    static func entry(_ number: UInt64, sequence: UInt64, fee: UInt64, round: UInt64 = 1) -> SessionBook.Entry {
        SessionBook.Entry(
            number: number, sequence: sequence, requestDigest: .sha256(utf8: "body"), model: "m", round: round,
            leaf: SumTreeNode(item: .bigEndian(number), sums: ItemSums(fee: Amount(fee), tokens: 1)),
            position: ItemLog.Position(segment: 1, offset: number))
    }

    var member: MemberRecord { MemberRecord(host: Self.host, allotment: Amount(1_000)) }

    /// Opens a request and answers it at once.
    func serve(_ book: inout SessionBook, sequence: UInt64, amount: UInt64, fee: UInt64) throws {
        try book.open(Self.voucher(sequence, amount), maximumPerChoice: Amount(fee), member: member)
        let number = book.charge(sequence, fee: Amount(fee))
        book.release(sequence)
        book.record(Self.entry(number, sequence: sequence, fee: fee))
    }

    @Test("What is owed and what is open must be promised")
    func amounts() throws {
        var book = SessionBook(session: 7)
        #expect(throws: OpenAIError.voucherAmountTooLow(Amount(99), needed: Amount(100))) {
            try book.open(Self.voucher(1, 99), maximumPerChoice: Amount(100), member: member)
        }
        try serve(&book, sequence: 1, amount: 100, fee: 100)
        try book.open(Self.voucher(2, 150), maximumPerChoice: Amount(50), member: member)
        #expect(throws: OpenAIError.voucherAmountTooLow(Amount(199), needed: Amount(200))) {
            try book.open(Self.voucher(3, 199), maximumPerChoice: Amount(50), member: member)
        }
        book.release(2)
        try book.open(Self.voucher(3, 150), maximumPerChoice: Amount(50), member: member)
    }

    @Test("A finished request counts its fee instead of its maximum, also before it is durable")
    func charging() throws {
        var book = SessionBook(session: 7)
        try book.open(Self.voucher(1, 100), maximumPerChoice: Amount(100), member: member)
        #expect(book.charge(1, fee: Amount(30)) == 1)
        guard case .running = try book.standing(of: Self.voucher(1, 100).statement) else {
            Issue.record("it is not answered before it is durable")
            return
        }
        try book.open(Self.voucher(2, 130), maximumPerChoice: Amount(100), member: member)
        book.release(1)
        book.record(Self.entry(1, sequence: 1, fee: 30))
        #expect(book.owed == Amount(30))
        book.release(2)
        try book.open(Self.voucher(3, 130), maximumPerChoice: Amount(100), member: member)
    }

    @Test("Requests sent side by side may arrive in any order")
    func anyOrder() throws {
        var book = SessionBook(session: 7)
        try book.open(Self.voucher(2, 100), maximumPerChoice: Amount(50), member: member)
        try book.open(Self.voucher(1, 50), maximumPerChoice: Amount(50), member: member)
        #expect(book.voucher?.statement.amount == Amount(100))
        #expect(throws: OpenAIError.self) {
            try book.open(Self.voucher(3, 100), maximumPerChoice: Amount(1), member: member)
        }
    }

    @Test("Nothing is promised over the allotment, however it came to shrink")
    func allotment() throws {
        var book = SessionBook(session: 7)
        try book.open(Self.voucher(1, 1_000), maximumPerChoice: Amount(600), member: member)
        var smaller = member
        smaller.allotment = Amount(700)
        #expect(throws: OpenAIError.allotmentExceeded(Amount(800), allotment: Amount(700))) {
            try book.open(Self.voucher(2, 1_000), maximumPerChoice: Amount(200), member: smaller)
        }
        #expect(throws: OpenAIError.self) {
            try book.open(Self.voucher(3, 1_000), maximumPerChoice: Amount(.max), member: member)
        }
    }

    @Test("A sequence stands for one body")
    func sequences() throws {
        var book = SessionBook(session: 7)
        try book.open(Self.voucher(1, 100), maximumPerChoice: Amount(10), member: member)
        guard case .running = try book.standing(of: Self.voucher(1, 100).statement) else {
            Issue.record("it runs")
            return
        }
        #expect(throws: OpenAIError.voucherSequenceReused(1)) {
            try book.standing(of: Self.voucher(1, 100, body: "other").statement)
        }
        book.release(1)
        guard case .unused = try book.standing(of: Self.voucher(1, 100, body: "other").statement) else {
            Issue.record("a request that came to nothing leaves its sequence free")
            return
        }
        try serve(&book, sequence: 1, amount: 100, fee: 10)
        // The voucher may have been signed anew for more; the answer is the same.
        guard case .answered(let entries) = try book.standing(of: Self.voucher(1, 500).statement) else {
            Issue.record("it is answered")
            return
        }
        #expect(entries.map(\.number) == [1])
        #expect(throws: OpenAIError.voucherSequenceReused(1)) {
            try book.standing(of: Self.voucher(1, 100, body: "other").statement)
        }
    }

    @Test("Claims take items in order of number, up to a round, after what the ledger knows")
    func claims() throws {
        var book = SessionBook(session: 7)
        for (number, round) in [(1, 1), (2, 1), (3, 2), (4, 3)] as [(UInt64, UInt64)] {
            book.record(Self.entry(number, sequence: number, fee: 1, round: round))
        }
        #expect(book.unclaimed(through: 0).isEmpty)
        #expect(book.unclaimed(through: 1).map(\.number) == [1, 2])
        #expect(book.unclaimed(through: 2).map(\.number) == [1, 2, 3])
        book.claimed(through: 2)
        #expect(book.unclaimed(through: 2).map(\.number) == [3])
        book.claimed(through: 1)
        #expect(book.unclaimed(through: 9).map(\.number) == [3, 4])
        book.forget(before: 3)
        #expect(book.entries.map(\.number) == [3, 4])
        #expect(book.entry(2) == nil)
        #expect(book.entry(4)?.number == 4)
        #expect(book.entries(first: 3, count: 2)?.count == 2)
        #expect(book.entries(first: 3, count: 3) == nil)
        #expect(book.entries(first: 2, count: 2) == nil)
        book.forget(before: .max)
        #expect(book.isIdle)
    }

    @Test("A host that lost its log goes on after what the ledger knows")
    func lostLog() throws {
        var book = SessionBook(session: 7)
        var known = member
        (known.lastNumber, known.settledFees) = (5, Amount(300))
        #expect(throws: OpenAIError.voucherAmountTooLow(Amount(300), needed: Amount(310))) {
            try book.open(Self.voucher(9, 300), maximumPerChoice: Amount(10), member: known)
        }
        try book.open(Self.voucher(9, 310), maximumPerChoice: Amount(10), member: known)
        #expect(book.charge(9, fee: .zero) == 6)
    }

    /// Each choice ends by itself: the request is answered once the last has.
    @Test func aRequestOfSeveralChoices() throws {
        var book = SessionBook(session: 1)
        try book.open(Self.voucher(1, 30), maximumPerChoice: Amount(10), choices: 3, member: member)
        #expect(throws: OpenAIError.self) {
            try book.open(Self.voucher(2, 30), maximumPerChoice: Amount(1), member: member)
        }
        let first = book.charge(1, fee: Amount(4))
        let endsFirst = book.settle(1)
        #expect(!endsFirst)
        book.release(1)
        guard case .running = try book.standing(of: Self.voucher(1, 30).statement) else {
            Issue.record("one choice is left")
            return
        }
        let second = book.charge(1, fee: Amount(10))
        let endsSecond = book.settle(1)
        #expect(endsSecond)
        #expect([first, second] == [1, 2])
        #expect(book.owed == Amount(14))
        // 14 are owed and nothing is reserved.
        try book.open(Self.voucher(2, 30), maximumPerChoice: Amount(16), member: member)
    }
}
