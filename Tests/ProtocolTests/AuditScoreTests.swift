import ProtocolRules
import Testing

@Suite struct AuditScoreTests {
    private let parameters = ProtocolParameters.network.audits

    @Test func theSeventhMismatchInARowConvicts() {
        var score = AuditScore()
        for count in 1...7 as ClosedRange<UInt64> {
            score.mismatch(parameters)
            #expect(score.milliNats == 2_996 * count)
            #expect(score.convicts(parameters) == (count == 7))
        }
    }

    @Test func matchesTakeAwayAndNeverBelowZero() {
        var score = AuditScore(milliNats: 300)
        score.match(parameters)
        #expect(score.milliNats == 87)
        score.match(parameters)
        #expect(score.milliNats == 0)
        score.match(parameters)
        #expect(score == AuditScore())
    }

    @Test func theThresholdItselfConvicts() {
        #expect(AuditScore(milliNats: 18_421).convicts(parameters))
        #expect(!AuditScore(milliNats: 18_420).convicts(parameters))
    }

    @Test func aScoreThatDoesNotFitStaysTheLargest() {
        var score = AuditScore(milliNats: .max - 5)
        score.mismatch(parameters)
        #expect(score.milliNats == .max)
    }

    /// The drift is upwards from one mismatch in fifteen on, and downwards at one in sixteen: section 5's "below about 6 % never".
    @Test(arguments: [(UInt64(15), true), (16, false)])
    func theDriftChangesItsSignAtSixPerCent(_ items: UInt64, _ rises: Bool) {
        let change = Int64(parameters.scoreMismatchMilliNats) - Int64(items - 1) * Int64(parameters.scoreMatchMilliNats)
        #expect((change > 0) == rises)
    }
}
