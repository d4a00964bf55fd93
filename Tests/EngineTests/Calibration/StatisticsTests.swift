import Calibration
import Testing

struct StatisticsTests {
    @Test func quantilesAreNearestRanks() {
        let values = Distribution((1...20).map(Double.init).reversed())
        #expect((values.minimum, values.median, values.quantile(0.95), values.maximum) == (1, 10.5, 19, 20))
        #expect((values.quantile(0.96), values.quantile(1), values.quantile(0.01)) == (20, 20, 1))
        #expect(
            (values.countAbove(17), values.countAbove(17.5), values.countAbove(0), values.countAbove(20)) == (
                3, 3, 20, 0
            ))
        #expect(Distribution([3, 1, 2]).median == 2)
    }

    @Test func anEmptySampleHasZeros() {
        let none = Distribution([])
        #expect((none.count, none.minimum, none.median, none.quantile(0.5), none.maximum) == (0, 0, 0, 0, 0))
    }

    /// Published values of the exact interval.
    @Test(arguments: [
        (0, 10, 0, 0.30850), (1, 10, 0.00253, 0.44502), (5, 10, 0.18709, 0.81291), (10, 10, 0.69150, 1),
        (0, 1_000, 0, 0.003682), (3, 1_000, 0.000619, 0.008742), (1, 1, 0.025, 1),
    ])
    func ratesHaveClopperPearsonBounds(count: Int, total: Int, low: Double, high: Double) {
        let bounds = BinomialRate(count, of: total).bounds
        #expect(abs(bounds.low - low) < 1e-5 && abs(bounds.high - high) < 1e-5, "\(bounds)")
    }

    @Test func aRateOfNothingSaysNothing() {
        let rate = BinomialRate([Int]()) { $0 > 0 }
        #expect(rate.share == 0)
        #expect(rate.bounds == (0, 1))
        #expect(BinomialRate([1, 2, 3]) { $0 > 1 } == BinomialRate(2, of: 3))
    }

    @Test func areaCountsPairsAndHalvesTies() {
        let honest = Distribution([1, 2, 3])
        #expect(Separation(honest: honest, cheats: [4, 5]).area == 1)
        #expect(Separation(honest: honest, cheats: [0]).area == 0)
        #expect(Separation(honest: honest, cheats: [2]).area == 0.5)
        // 2.5 is above two of three, 3 above two and equal to one.
        #expect(abs(Separation(honest: honest, cheats: [2.5, 3]).area - (2 + 2.5) / 6) < 1e-12)
        #expect(Separation(honest: honest, cheats: []).area == 0.5)
        #expect(Separation(honest: honest, cheats: []).bounds == (0, 1))
    }

    @Test func boundsOfAnAreaTightenWithItems() {
        func bounds(_ count: Int, _ shift: Double) -> (low: Double, high: Double) {
            let honest = (0..<count).map(Double.init)
            return Separation(honest: Distribution(honest), cheats: honest.map { $0 + shift }).bounds
        }
        let (few, many) = (bounds(10, 1e6), bounds(1_000, 1e6))
        #expect(few.high == 1 && many.high == 1)
        #expect(0.6 < few.low && few.low < 0.9)
        #expect(0.99 < many.low && many.low < 1)
        let middle = bounds(50, 0)
        #expect(abs(middle.low + middle.high - 1) < 1e-9, "\(middle)")
        #expect(0.35 < middle.low && middle.low < 0.42)
    }
}
