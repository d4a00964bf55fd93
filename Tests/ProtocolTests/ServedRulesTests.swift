import Primitives
import ProtocolRules
import Testing

@Suite("Served tokens beside a sprint")
struct ServedRulesTests {
    @Test("A serving round counts by the blocks that it shares with the sprint, rounded down")
    func sharesByBlocks() {
        let cases: [(serving: ClosedRange<UInt64>, share: UInt64)] = [
            (1...8, 375), (3...10, 125), (4...11, 0), (1...3, 1_000), (2...2, 1_000), (1...7, 428), (100...200, 0),
        ]
        for (serving, share) in cases {
            #expect(ServedRules.share(of: 1_000, servedIn: serving, during: 1...3) == share, "\(serving)")
        }
        // Rounds that follow one another share a sprint without a block counted twice.
        let parts = [1...2, 3...4, 5...9].map { ServedRules.share(of: 60, servedIn: $0, during: 1...6) }
        #expect(parts == [60, 60, 24])
    }

    @Test("The largest numbers neither trap nor grow")
    func sharesTheLargest() {
        #expect(ServedRules.share(of: .max, servedIn: 1...8, during: 1...8) == .max)
        #expect(ServedRules.share(of: .max, servedIn: 0...UInt64.max, during: 0...UInt64.max) == .max)
        #expect(ServedRules.ratio(served: .max, proven: 1) == 250_000)
        #expect(ServedRules.ratio(served: .max, proven: .max) == 250_000)
        #expect(
            ServedRules.counted(.max, proven: .max, before: .max, usualPartsPerMillion: 250_000) == UInt64.max / 4)
    }

    @Test("The host in the middle counts whole, whatever the numbers")
    func countsTheUsualWhole() {
        for proven in [3, 7, 96, 333, 999_983, 12_345_678_901] as [UInt64] {
            for served in [0, 1, proven / 7, proven / 4] where served <= proven / 4 {
                let usual = ServedRules.ratio(served: served, proven: proven)
                #expect(
                    ServedRules.counted(served, proven: proven, before: 0, usualPartsPerMillion: usual) == served)
            }
        }
        #expect(ServedRules.ratio(served: 5, proven: 0) == 0)
    }

    @Test(
        "At most a fifth of the sum, and no more than is missing or usual",
        arguments: [
            // served, proven, before, usual, counted
            (96, 384, 480, 0, 96), (500, 384, 480, 0, 96), (50, 384, 480, 0, 50), (500, 400, 1_000, 0, 100),
            (96, 480, 480, 0, 0), (96, 480, 500, 0, 20), (96, 480, 0, 0, 0), (96, 480, 0, 50_000, 24),
            (96, 480, 490, 50_000, 24), (96, 480, 510, 50_000, 30), (500, 480, 0, 250_000, 120),
            (96, 0, 480, 250_000, 0),
            (3, 3, 9, 0, 0), (1, 4, 9, 0, 1),
        ] as [(UInt64, UInt64, UInt64, UInt64, UInt64)])
    func counts(served: UInt64, proven: UInt64, before: UInt64, usual: UInt64, counted: UInt64) {
        #expect(
            ServedRules.counted(served, proven: proven, before: before, usualPartsPerMillion: usual) == counted)
    }
}

@Suite("Tokens that samples bear out")
struct SampledTokensTests {
    private func borneOut(_ claimed: ItemSums, _ samples: [(fee: UInt64, tokens: UInt64)]) -> UInt64 {
        var sampled = SampledTokens(of: claimed)
        for sample in samples { sampled.add(fee: Amount(sample.fee), tokens: sample.tokens) }
        return sampled.borneOut
    }

    @Test("Where fees follow tokens, every claimed token is borne out")
    func bearsOutTheHonest() {
        let claimed = ItemSums(fee: Amount(600), tokens: 300)
        #expect(borneOut(claimed, [(20, 10), (100, 50), (2, 1)]) == 300)
        // Never more than what is claimed.
        #expect(borneOut(claimed, [(20, 15), (20, 12)]) == 300)
    }

    @Test("Tokens that hardly cost anything are not borne out by the samples of others")
    func refusesCheapTokens() {
        let padded = ItemSums(fee: Amount(601), tokens: 1_000_000_000)
        #expect(borneOut(padded, [(20, 10), (100, 50), (2, 1), (20, 10)]) == 300)
        #expect(borneOut(padded, []) == 0)
    }

    @Test("Over all points of the fees the mean is what honest items hold, with or without a leaf that costs nothing")
    func isUnbiased() {
        let items: [(fee: UInt64, tokens: UInt64)] = [(10, 1), (5, 40), (25, 3), (60, 16)]
        for extra in [0, 1_000_000] as [UInt64] {
            let claimed = ItemSums(fee: Amount(100), tokens: 60 + extra)
            let draws = items.flatMap { item in (0..<item.fee).map { _ in item } }
            // Rounding loses less than one token a sample.
            #expect((59...60).contains(borneOut(claimed, draws)))
        }
    }

    @Test("Where nothing costs anything, points are tokens and all are borne out; the largest numbers fit")
    func bearsOutWithoutFees() {
        #expect(borneOut(ItemSums(fee: .zero, tokens: 77), [(0, 7)]) == 77)
        let most = ItemSums(fee: Amount(.max), tokens: .max)
        #expect(borneOut(most, Array(repeating: (1, .max), count: 464)) == .max)
        #expect(borneOut(most, [(0, .max)]) == 0)
    }
}
