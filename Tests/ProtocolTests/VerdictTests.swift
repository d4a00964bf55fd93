import ProtocolRules
import Testing
import WireFormat

@Suite struct VerdictTests {
    struct Comparison: Sendable {
        let positions: Int
        /// Σ |a − b|, put on the first values.
        let distance: Int
        let margin: UInt64
        let fingerprintDiffers: Bool
        let marginExceeded: Bool
    }

    @Test(arguments: [
        // 32 values: 409.6 pass; 8 values: 102.4; 6 values of three positions: 123; 2 values: 41.
        Comparison(positions: 16, distance: 409, margin: 0, fingerprintDiffers: false, marginExceeded: false),
        Comparison(positions: 16, distance: 410, margin: 0, fingerprintDiffers: true, marginExceeded: false),
        Comparison(positions: 4, distance: 102, margin: 0, fingerprintDiffers: false, marginExceeded: false),
        Comparison(positions: 4, distance: 103, margin: 0, fingerprintDiffers: true, marginExceeded: false),
        Comparison(positions: 3, distance: 123, margin: 0, fingerprintDiffers: false, marginExceeded: false),
        Comparison(positions: 3, distance: 124, margin: 0, fingerprintDiffers: true, marginExceeded: false),
        Comparison(positions: 1, distance: 41, margin: 3_000, fingerprintDiffers: false, marginExceeded: false),
        Comparison(positions: 1, distance: 42, margin: 3_001, fingerprintDiffers: true, marginExceeded: true),
        Comparison(positions: 16, distance: 0, margin: 3_001, fingerprintDiffers: false, marginExceeded: true),
        Comparison(positions: 0, distance: 0, margin: 3_000, fingerprintDiffers: false, marginExceeded: false),
    ])
    func theThresholdItselfPasses(_ comparison: Comparison) throws {
        let scored = (0..<(2 * comparison.positions)).map { Int16(-100 - 7 * $0) }
        for sign in [1, -1] where comparison.positions > 0 || sign == 1 {
            var claimed = scored
            if !claimed.isEmpty { claimed[0] += Int16(sign * comparison.distance) }
            let verdict = try #require(
                Verdict(
                    claimed: claimed, scored: scored, marginMicroNats: comparison.margin, thresholds: .smolLM2))
            #expect(verdict.distance == UInt64(comparison.distance))
            #expect(verdict.fingerprintDiffers == comparison.fingerprintDiffers)
            #expect(verdict.marginExceeded == comparison.marginExceeded)
            #expect(verdict.isMismatch == (comparison.fingerprintDiffers || comparison.marginExceeded))
        }
    }

    @Test func theExtremesDoNotOverflow() throws {
        let claimed = [Int16](repeating: .min, count: 32)
        let scored = [Int16](repeating: .max, count: 32)
        let verdict = try #require(
            Verdict(claimed: claimed, scored: scored, marginMicroNats: .max, thresholds: .smolLM2))
        #expect(verdict.distance == 32 * 65_535)
        #expect(verdict.isMismatch)
        let lenient = ModelThresholds(
            distanceTenthsMax: .max, shortDistanceTenthsMax: .max, marginMicroNatsMax: .max)
        #expect(
            Verdict(claimed: claimed, scored: scored, marginMicroNats: .max, thresholds: lenient)?.isMismatch == false)
    }

    @Test func fingerprintsOfOtherShapesAreNotCompared() {
        for (claimed, scored) in [([Int16](), [Int16(1), 2]), ([1, 2], [1]), ([1], [1]), ([1, 2, 3], [1, 2, 3])] {
            #expect(Verdict(claimed: claimed, scored: scored, marginMicroNats: 0, thresholds: .smolLM2) == nil)
        }
    }

    @Test func thresholdsEncodeThereAndBack() throws {
        #expect(try ModelThresholds.decode(ModelThresholds.smolLM2.encoded()) == .smolLM2)
    }
}
