import Primitives
import ProtocolRules
import Testing

@Suite struct PriceRuleTests {
    private static let bounds: ClosedRange<UInt64> = 1_000...1_000_000_000

    @Test(arguments: [
        (UInt64(400_000), UInt64(1_000_000)), (500_000, 1_000_000), (600_000, 1_000_000), (700_000, 1_005_000),
        (1_000_000, 1_020_000), (.max, 1_020_000), (300_000, 995_000), (0, 980_000), (600_020, 1_000_001),
    ])
    func pricesFollowUseByATwentiethOfTheExcess(_ utilisation: UInt64, _ price: UInt64) {
        let prices = TokenPrices(input: 1_000_000, cachedInput: 1_000_000, output: 1_000_000)
        let next = PriceRule.adjusted(prices, utilisation: utilisation, bounds: PriceRuleTests.bounds)
        #expect(next == TokenPrices(input: price, cachedInput: price, output: price))
    }

    @Test func aSmallPriceStillRises() {
        let prices = TokenPrices(input: 1, cachedInput: 1, output: 2)
        let next = PriceRule.adjusted(prices, utilisation: 610_000, bounds: 1...100)
        #expect(next == TokenPrices(input: 2, cachedInput: 2, output: 3))
    }

    @Test func pricesStayWithinTheirBounds() {
        let low = TokenPrices(input: 1_000, cachedInput: 0, output: 1_001)
        #expect(
            PriceRule.adjusted(low, utilisation: 0, bounds: PriceRuleTests.bounds)
                == TokenPrices(input: 1_000, cachedInput: 0, output: 1_000))
        let high = TokenPrices(input: 1_000_000_000, cachedInput: 999_999_999, output: 999_999_999)
        let capped = TokenPrices(input: 1_000_000_000, cachedInput: 1_000_000_000, output: 1_000_000_000)
        #expect(PriceRule.adjusted(high, utilisation: 1_000_000, bounds: PriceRuleTests.bounds) == capped)
        let largest = TokenPrices(input: .max, cachedInput: 0, output: .max)
        #expect(PriceRule.adjusted(largest, utilisation: .max, bounds: 0 ... .max) == largest)
    }

    @Test func cachedInputNeverCostsMoreThanInput() {
        let prices = TokenPrices(input: 1_000, cachedInput: 1_000, output: 1_000)
        let next = PriceRule.adjusted(prices, utilisation: 0, bounds: 1...10_000)
        #expect(next.cachedInput <= next.input)
    }

    @Test(arguments: [
        (UInt64(0), UInt64(0), UInt64(0)), (5, 0, 0), (0, 5, 0), (1, 2, 500_000), (7, 2, 1_000_000),
        (.max, .max, 1_000_000),
    ])
    func useIsServedAgainstProvenTokens(_ served: UInt64, _ proven: UInt64, _ utilisation: UInt64) {
        #expect(PriceRule.utilisation(served: served, proven: proven) == utilisation)
    }

    @Test func whatASprintProvedHoldsForEveryWindow() {
        let proven = PriceRule.provenTokens(
            weight: 3_000, coefficientPartsPerMillion: 1_500_000, sprintBlocks: 8, blocks: 15)
        #expect(proven == 3_750)
        #expect(
            PriceRule.provenTokens(weight: 3_000, coefficientPartsPerMillion: 0, sprintBlocks: 8, blocks: 15) == 0)
        #expect(
            PriceRule.provenTokens(weight: .max, coefficientPartsPerMillion: 1, sprintBlocks: 1, blocks: .max) == .max)
    }
}
