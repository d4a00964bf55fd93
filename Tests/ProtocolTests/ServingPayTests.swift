import Primitives
import ProtocolRules
import Testing

@Suite struct ServingPayTests {
    @Test(arguments: [
        // n, m, what is left of 1 000 units
        (UInt64(0), UInt64(0), UInt64(1_000)), (4, 0, 1_000), (4, 1, 250), (4, 2, 0), (4, 4, 0), (8, 1, 625),
        (8, 2, 250), (8, 3, 0), (3, 1, 0), (7, 1, 571), (7, 2, 142), (1, 1, 0), (.max, 1, 999), (4, .max, 0),
    ])
    func badSamplesCostThreeShares(_ counted: UInt64, _ bad: UInt64, _ left: UInt64) {
        #expect(AuditTally(drawn: counted, counted: counted, bad: bad).reduced(1_000) == left)
        #expect(AuditTally(drawn: counted, counted: counted, bad: 0).reduced(.max) == .max)
    }

    @Test(arguments: [
        (UInt64(0), UInt64(0), true), (1, 0, false), (1, 1, true), (4, 1, false), (4, 2, true), (8, 2, true),
        (8, 0, false),
    ])
    func entriesWithTooFewSamplesLeftAreCarried(_ drawn: UInt64, _ counted: UInt64, _ isDecided: Bool) {
        #expect(AuditTally(drawn: drawn, counted: counted, bad: 0).isDecided == isDecided)
    }

    @Test(arguments: [
        (UInt64(900), UInt64(1_000), UInt64(1_100), UInt64(900)), (1_000, 900, 1_100, 900), (1_100, 1_000, 900, 900),
        (0, 5, 5, 0), (5, 0, 5, 0), (5, 5, 0, 0),
    ])
    func theSmallestOfThreeIsPaid(
        _ fee: UInt64, _ voucher: UInt64, _ allotment: UInt64, _ total: UInt64
    ) throws {
        let pay = try ServingPay(
            fee: Amount(fee), voucher: Amount(voucher), allotment: Amount(allotment), tally: .unaudited,
            taxPartsPerMillion: 20_000)
        #expect(pay.total == Amount(total))
        #expect(pay.tax == Amount(total * 2 / 100))
    }

    /// reliability.md M9: no rounding makes or loses a coin.
    @Test func payeeAndTaxAreAlwaysTheWhole() throws {
        var random = SplitMix64(seed: 6)
        for _ in 0..<20_000 {
            let fee = Amount(random.next() >> (random.next() % 64))
            let tally = AuditTally(drawn: 8, counted: random.next() % 9, bad: random.next() % 4)
            let tax = random.next() % 1_000_001
            let pay = try ServingPay(
                fee: fee, voucher: Amount(random.next()), allotment: Amount(random.next()), tally: tally,
                taxPartsPerMillion: tax)
            #expect(try pay.payee.adding(pay.tax) == pay.total)
            #expect(pay.total <= fee)
        }
    }

    @Test func aTaxAboveTheWholeIsRefused() {
        #expect(throws: ArithmeticError.underflow) {
            try ServingPay(
                fee: Amount(100), voucher: Amount(100), allotment: Amount(100), tally: .unaudited,
                taxPartsPerMillion: 1_010_000)
        }
    }
}
