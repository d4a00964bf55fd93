import Primitives
import ProtocolRules
import Testing

@Suite struct WeightRulesTests {
    @Test(arguments: [
        (UInt64(1_000), UInt64(1_000_000), UInt64(1_000)), (1_000, 1_500_000, 1_500), (3, 333_333, 0), (7, 500_000, 3),
        (0, 5, 0), (5, 0, 0), (.max, .max, .max),
    ])
    func tokensWeighByTheirCoefficient(_ tokens: UInt64, _ coefficient: UInt64, _ weight: UInt64) {
        #expect(WeightRules.weight(tokens: tokens, coefficientPartsPerMillion: coefficient) == weight)
    }

    @Test(arguments: [(UInt64(0), UInt64(0)), (1, 1), (2, 2), (3, 3), (4, 3), (.max, 3)])
    func aModelNeedsThreeAuditorsOrAllAbleOnes(_ able: UInt64, _ needed: UInt64) {
        #expect(WeightRules.auditorsNeeded(able: able) == needed)
    }

    @Test func aModelWithoutAnchorCountsForTwiceItsAuditors() {
        let cap = WeightRules.unanchoredCap(auditorsAnchored: [10, 0, 5])
        #expect(cap == 30)
        #expect(WeightRules.capped(40, total: 60, cap: cap) == 20)
        #expect(WeightRules.capped(20, total: 60, cap: cap) == 10)
        #expect(WeightRules.capped(20, total: 30, cap: cap) == 20)
        #expect(WeightRules.capped(20, total: 20, cap: WeightRules.unanchoredCap(auditorsAnchored: [])) == 0)
        #expect(WeightRules.unanchoredCap(auditorsAnchored: [.max, .max]) == .max)
    }

    @Test(arguments: [
        // weight, collateral, per unit, what counts
        (UInt64(1_000), UInt64(0), UInt64(7), UInt64(200)), (1_000, 70, 7, 210), (1_000, 5_600, 7, 1_000),
        (1_000, 5_599, 7, 999), (1_000, .max, 1, 1_000), (1_000, 0, 0, 1_000), (0, 0, 7, 0), (.max, .max, 1, .max),
    ])
    func weightAboveTheFreeShareNeedsCollateral(
        _ weight: UInt64, _ collateral: UInt64, _ perUnit: UInt64, _ counts: UInt64
    ) {
        #expect(
            WeightRules.secured(
                weight, collateral: Amount(collateral), perUnit: perUnit, freePartsPerMillion: 200_000) == counts)
    }

    /// Values and their weights, and the median.
    struct Population: Sendable {
        let values: [UInt64]
        let weights: [UInt64]
        let median: UInt64
    }

    @Test(arguments: [
        Population(values: [5], weights: [1], median: 5), Population(values: [1, 9], weights: [1, 1], median: 1),
        Population(values: [9, 1], weights: [2, 1], median: 9),
        Population(values: [3, 1, 2], weights: [5, 1, 4], median: 2),
        Population(values: [1, 2, 3], weights: [.max, .max, .max], median: 2),
        Population(values: [7, 1], weights: [0, 3], median: 1),
    ])
    func theMedianCountsByWeight(_ population: Population) {
        let entries = zip(population.values, population.weights).map { (value: $0, weight: $1) }
        #expect(WeightedMedian.of(entries) == population.median)
        #expect(WeightedMedian.of(entries.reversed()) == population.median)
    }

    @Test func aPopulationWithoutWeightHasNoMedian() {
        #expect(WeightedMedian.of([]) == nil)
        #expect(WeightedMedian.of([(value: 3, weight: 0)]) == nil)
    }
}
