import Primitives
import ProtocolRules
import Testing

@Suite struct ConfirmedRatioTests {
    @Test(arguments: [
        // Confirmed weight and blocks, sprint weight and blocks, ratio
        (UInt64(100), UInt64(12), UInt64(1_000), UInt64(120), UInt64?(1_000_000)), (50, 12, 1_000, 120, 500_000),
        (0, 12, 1_000, 120, 0), (1, 3, 1_000_000, 1, 0), (2_000, 12, 1_000, 120, 20_000_000),
        (.max, 1, 1, .max, 1_000_000_000), (1, 12, 0, 120, nil), (1, 0, 1, 120, nil),
    ])
    func aConfirmationIsHeldAgainstTheSprintPerBlock(
        _ weight: UInt64, _ blocks: UInt64, _ sprint: UInt64, _ sprintBlocks: UInt64, _ ratio: UInt64?
    ) {
        let confirmed = WorkRate(weight: weight, blocks: blocks)
        #expect(ConfirmedRatio.of(confirmed, against: WorkRate(weight: sprint, blocks: sprintBlocks)) == ratio)
    }

    @Test func aMissedConfirmationCountsNothingInTheMean() {
        #expect(ConfirmedRatio.mean([1_000_000, 0]) == 500_000)
        #expect(ConfirmedRatio.mean([1, 0, 0]) == 0)
        #expect(ConfirmedRatio.mean([]) == nil)
    }

    @Test(arguments: [
        // mean, median, what counts
        (UInt64?(1_000_000), UInt64(1_000_000), UInt64(1_000_000)), (900_000, 1_000_000, 1_000_000),
        (899_999, 1_000_000, 999_998), (450_000, 1_000_000, 500_000), (0, 1_000_000, 0), (400_000, 400_000, 1_000_000),
        (180_000, 400_000, 500_000), (nil, 0, 1_000_000), (nil, 400_000, 1_000_000), (1, 0, 1_000_000), (0, 0, 0),
        (.max, 1, 1_000_000),
    ])
    func aTenthBelowTheMedianCostsNothing(_ mean: UInt64?, _ median: UInt64, _ ratio: UInt64) {
        #expect(ConfirmedRatio.final(mean: mean, median: median) == ratio)
    }
}
