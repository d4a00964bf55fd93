import Primitives
import Testing

@testable import ProtocolRules

@Suite struct VotingPowerTests {
    private static func powers(_ values: [UInt64]) -> [VotingPower] {
        values.enumerated().map { VotingPower(address: DrawTests.address(UInt8($0.offset + 1)), power: $0.element) }
    }

    private static func target(_ values: UInt64...) -> [UInt64] {
        VotingPowerRules.target(powers(values)).map(\.power)
    }

    @Test func oneHostHasAllOfTheTotal() {
        #expect(VotingPowerTests.target(5) == [1_000_000_000])
        #expect(VotingPowerTests.target(5, 0) == [1_000_000_000])
        #expect(VotingPowerTests.target().isEmpty && VotingPowerTests.target(0, 0).isEmpty)
    }

    @Test func theLargestAreCutToTheirCap() {
        #expect(VotingPowerTests.target(9_000, 1) == [500_000_000, 500_000_000])
        #expect(VotingPowerTests.target(9_000_000, 1_000, 1_000) == [399_939_994, 300_030_003, 300_030_003])
        #expect(VotingPowerTests.target(9_000, 9_000, 1_000) == [400_000_000, 400_000_000, 200_000_000])
        #expect(VotingPowerTests.target(900, 700, 700, 100) == [300_000_000, 300_000_000, 300_000_000, 100_000_000])
        #expect(VotingPowerTests.target(10, 10, 10, 10) == [250_000_000, 250_000_000, 250_000_000, 250_000_000])
    }

    @Test func whatRoundingLeavesOverGoesToTheFirstAddress() {
        #expect(VotingPowerTests.target(1, 1, 1) == [333_333_334, 333_333_333, 333_333_333])
    }

    @Test func aHundredAreChosenByWeightThenAddress() {
        let target = VotingPowerRules.target(VotingPowerTests.powers(Array(repeating: 7, count: 120)))
        #expect(target.map(\.address) == (1...100).map { DrawTests.address($0) })
        let rising = VotingPowerRules.target(VotingPowerTests.powers((1...120).map { 1_000 + $0 }))
        #expect(rising.map(\.address) == (21...120).map { DrawTests.address($0) })
    }

    @Test func aGiantGrowsByAQuarterAStep() {
        let old = VotingPowerTests.powers([1, 1, 1, 1])
        let target = VotingPowerTests.powers([0, 0, 0, 0, 1])
        let once = VotingPowerRules.step(from: old, to: target)
        #expect(once.map(\.power) == [187_500_000, 187_500_000, 187_500_000, 187_500_000, 250_000_000])
        var powers = once
        for _ in 0..<4 { powers = VotingPowerRules.step(from: powers, to: target) }
        #expect(powers == [VotingPower(address: DrawTests.address(5), power: 1_000_000_000)])
    }

    @Test func smallChangesArriveAtOnce() {
        let target = VotingPowerRules.target(VotingPowerTests.powers([3, 3, 3, 4]))
        #expect(VotingPowerRules.step(from: VotingPowerTests.powers([1, 1, 1, 1]), to: target) == target)
    }

    @Test func powerArisesAtOnceWhereThereWasNoneAndStaysWhereNobodyIsToHaveIt() {
        let powers = VotingPowerRules.target(VotingPowerTests.powers([1, 2, 3, 4]))
        #expect(VotingPowerRules.step(from: [], to: powers) == powers)
        #expect(VotingPowerRules.step(from: powers, to: []) == powers)
    }

    @Test func theCapHoldsInEveryDistribution() {
        var random = SplitMix64(seed: 9)
        for _ in 0..<3_000 {
            let count = 1 + Int(random.next() % 120)
            let weights = (0..<count).map { _ in random.next() >> (random.next() % 64) }
            let target = VotingPowerRules.target(VotingPowerTests.powers(weights))
            guard !target.isEmpty else { continue }
            #expect(target.reduce(UInt64(0)) { $0 + $1.power } == VotingPowerRules.total)
            #expect(target.count <= VotingPowerRules.validatorsMax)
            let share: [UInt64] = [0, 1_000_000_000, 500_000_000, 400_000_000]
            let cap = target.count < share.count ? share[target.count] : 300_000_000
            // Rounding of a hundred goes to the first.
            #expect(target.allSatisfy { $0.power <= cap + 100 })
        }
    }

    @Test func aStepMovesAtMostAQuarterAndReachesItsTarget() {
        var random = SplitMix64(seed: 10)
        for _ in 0..<600 {
            func distribution() -> [VotingPower] {
                let count = 1 + random.next() % 150
                return VotingPowerTests.powers((0..<count).map { _ in random.next() >> (random.next() % 64) })
            }
            var powers = VotingPowerRules.target(distribution())
            let target = VotingPowerRules.target(distribution().shuffled(using: &random))
            guard !powers.isEmpty, !target.isEmpty else { continue }
            for _ in 0..<6 {
                let next = VotingPowerRules.step(from: powers.shuffled(using: &random), to: target)
                #expect(next == VotingPowerRules.step(from: powers, to: target.shuffled(using: &random)))
                #expect(next.reduce(UInt64(0)) { $0 + $1.power } == VotingPowerRules.total)
                #expect(next.allSatisfy { $0.power > 0 } && next.count <= VotingPowerRules.holdersMax)
                #expect(next == next.sorted { $0.address < $1.address })
                let before = Dictionary(uniqueKeysWithValues: powers.map { ($0.address, $0.power) })
                let gained = next.reduce(UInt64(0)) { sum, entry in
                    let old = before[entry.address] ?? 0
                    return sum + (entry.power > old ? entry.power - old : 0)
                }
                #expect(gained <= VotingPowerRules.total / 4 + UInt64(VotingPowerRules.holdersMax))
                powers = next
            }
            #expect(powers == target)
        }
    }
}
