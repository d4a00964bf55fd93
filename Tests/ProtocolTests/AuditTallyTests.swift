import ProtocolRules
import Testing

@Suite struct AuditTallyTests {
    @Test(
        arguments: [
            // Drawn, counted, bad, abandoned; of 1,000 units are left.
            (AuditTally(drawn: 8, counted: 8, bad: 0), 1_000), (AuditTally(drawn: 8, counted: 8, bad: 1), 625),
            (AuditTally(drawn: 8, counted: 8, bad: 2), 250), (AuditTally(drawn: 8, counted: 8, bad: 3), 0),
            (AuditTally(drawn: 4, counted: 3, bad: 0), 1_000), (AuditTally(drawn: 4, counted: 3, bad: 1), 0),
            (AuditTally(drawn: 4, counted: 3, bad: 0, abandoned: 1), 750),
            (AuditTally(drawn: 4, counted: 2, bad: 0, abandoned: 2), 500),
            (AuditTally(drawn: 8, counted: 7, bad: 1, abandoned: 1), 500),
            (AuditTally(drawn: 0, counted: 0, bad: 0), 1_000), (.unaudited, 1_000),
            (AuditTally(drawn: 3, counted: 3, bad: .max), 0),
        ] as [(AuditTally, UInt64)])
    func eachBadSampleCostsThreeSharesAndEachAbandonedOne(_ tally: AuditTally, _ left: UInt64) {
        #expect(tally.reduced(1_000) == left)
        #expect(tally.reduced(0) == 0)
        #expect(tally.reduced(.max) <= .max)
    }

    @Test func whatIsLeftIsRoundedDownAndNeverOverflows() {
        let tally = AuditTally(drawn: 8, counted: 7, bad: 1, abandoned: 1)
        #expect(tally.reduced(3) == 1)
        #expect(tally.reduced(.max) == UInt64.max / 2)
    }

    @Test(
        arguments: [
            (8, 2, true), (8, 1, false), (8, 0, false), (2, 2, true), (2, 1, false), (1, 1, true),
            (1, 0, false), (0, 0, true),
        ] as [(UInt64, UInt64, Bool)])
    func twoSamplesDecideAndOneWhereOnlyOneWasDrawn(_ drawn: UInt64, _ counted: UInt64, _ decided: Bool) {
        #expect(AuditTally(drawn: drawn, counted: counted, bad: 0).isDecided == decided)
    }
}
