import SoloOrdering
import Testing

@Suite struct BlockPaceTests {
    @Test(arguments: [
        (BlockPace.everySecond, false, 8.0), (.everySecond, true, 8.0),
        (.asSoonAsPossible, false, 8.0), (.asSoonAsPossible, true, 7.0),
        (BlockPace(interval: .seconds(5), minimumInterval: .milliseconds(250)), true, 7.25),
        (BlockPace(interval: .seconds(5), minimumInterval: .milliseconds(250)), false, 12.0),
        // A minimum above the interval would mean no block at all.
        (BlockPace(interval: .seconds(1), minimumInterval: .seconds(9)), true, 8.0),
    ])
    func theNextBlockIsDue(_ pace: BlockPace, _ transactionsWait: Bool, _ seconds: Double) {
        #expect(pace.nextBlock(after: .seconds(7), transactionsWait: transactionsWait) == .seconds(seconds))
    }
}
