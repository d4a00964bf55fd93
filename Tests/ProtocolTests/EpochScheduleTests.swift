import Primitives
import ProtocolRules
import Testing

@Suite struct EpochScheduleTests {
    @Test(arguments: [
        (UInt64(0), UInt64(0)), (1, 1), (59, 1), (60, 1), (61, 2), (120, 2), (121, 3), (.max, 307_445_734_561_825_861),
    ])
    func heightsBelongToEpochs(_ height: UInt64, _ epoch: UInt64) {
        #expect(EpochSchedule(length: 60).index(at: height) == epoch)
    }

    @Test func epochsFollowOneAnotherWithoutGap() throws {
        for length in 1...7 as ClosedRange<UInt64> {
            let schedule = EpochSchedule(length: length)
            #expect(try schedule.heights(of: 0) == 0...0)
            var next: UInt64 = 1
            for index in 1...20 as ClosedRange<UInt64> {
                let heights = try schedule.heights(of: index)
                #expect(heights.lowerBound == next && UInt64(heights.count) == length)
                for height in heights {
                    #expect(schedule.index(at: height) == index)
                    #expect(schedule.isFirst(height) == (height == heights.lowerBound))
                    #expect(schedule.isLast(height) == (height == heights.upperBound))
                }
                next = heights.upperBound + 1
            }
        }
        #expect(!EpochSchedule(length: 60).isFirst(0) && !EpochSchedule(length: 60).isLast(0))
    }

    @Test func heightsBeyond64BitsAreRefused() {
        #expect(throws: ArithmeticError.overflow) { try EpochSchedule(length: 60).heights(of: .max) }
    }

    @Test(arguments: [
        (UInt64(0), UInt64(1)), (1, 2), (2, 2), (3, 2), (4, 3), (18, 7), (19, 8), (20, 8), (21, 8),
    ])
    func theNextIntervalBeginsAfterTheHeight(_ height: UInt64, _ interval: UInt64) throws {
        let schedule = BeaconSchedule(length: 3)
        #expect(try schedule.firstInterval(after: height) == interval)
        #expect(try schedule.heights(of: interval).lowerBound > height)
    }
}
