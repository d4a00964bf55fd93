import ProtocolRules
import Testing

@Suite struct AuditRulesTests {
    @Test(
        arguments: [
            (4, [21, 23, 24]), (10, [21, 26, 28]), (1, [21, 21, 21]), (2, [21, 22, 22]), (3, [21, 22, 23]),
            (240, [21, 141, 201]),
        ] as [(UInt64, [UInt64])])
    func turnsBeginAtTheStartTheMiddleAndTheLastQuarter(_ length: UInt64, _ turns: [UInt64]) {
        let window = 21...(20 + length)
        #expect((0..<3).map { AuditRules.turn(of: $0, in: window) } == turns)
        for place in [-1, 3, .max] { #expect(AuditRules.turn(of: place, in: window) == nil) }
    }

    @Test(
        arguments: [
            // Base, per cent, units, total, count, samples.
            [4, 1, 1, 100, 9, 5], [4, 1, 99, 10_000, 9, 4], [4, 1, 100, 10_000, 9, 5], [8, 0, 50, 100, 99, 8],
            [4, 1, 50, 100, 1_000, 54], [4, 1, 50, 100, 3, 3], [4, 1, 0, 100, 9, 0], [4, 1, 5, 0, 9, 0],
            [64, 4, 7, 7, 1_000, 464], [4, 1, .max, .max, 1_000, 104], [4, 1, .max, 1, 1_000, 104],
            [4, 1, 1, .max, 9, 4],
            [4, .max, 5, 10, 1_000, 464],
        ] as [[UInt64]])
    func largeSharesAreSampledMore(_ row: [UInt64]) {
        let samples = AuditRules.sampleCount(
            base: row[0], perPercent: row[1], units: row[2], total: row[3], count: row[4])
        #expect(samples == row[5])
    }

    @Test(
        arguments: [
            // Weight, coefficient, work blocks, sprint blocks, least tokens.
            [1_000_000, 1_000_000, 8, 8, 100], [1_000_000, 1_000_000, 4, 8, 50], [1_000_000, 500_000, 8, 8, 200],
            [9_999, 1_000_000, 8, 8, 0], [1_000_000, 0, 8, 8, 0], [1_000_000, 1_000_000, 8, 0, 0],
            [.max, 1_000_000, 8, 8, .max / 10_000], [.max, 1, 8, 1, .max],
        ] as [[UInt64]])
    func dustFollowsFromProvenWeight(_ row: [UInt64]) {
        let dust = AuditRules.dustTokens(
            weight: row[0], coefficientPartsPerMillion: row[1], workBlocks: row[2], sprintBlocks: row[3])
        #expect(dust == row[4])
    }
}
