import Primitives
import ProtocolRules
import Testing

@Suite struct RewardRulesTests {
    private static let parameters = ProtocolParameters.network

    private static func reward(
        of emission: UInt64 = 1_000_000, weight: UInt64 = 1, total: UInt128 = 1, _ conduct: RewardConduct
    ) -> Reward {
        Reward(
            of: Amount(emission), weight: weight, total: total, conduct: conduct, audits: parameters.audits,
            beacon: parameters.beacon)
    }

    @Test func anHonestHostHasItsWholeShare() {
        let reward = RewardRulesTests.reward(of: 100, weight: 1, total: 3, RewardConduct())
        #expect(reward.share == Amount(33) && reward.paid == Amount(33) && reward.forfeited == .zero)
    }

    @Test(arguments: [
        // duties, done, what is left
        (UInt64(0), UInt64(0), UInt64(1_000_000)), (10, 10, 1_000_000), (10, 9, 1_000_000), (10, 8, 888_888),
        (100, 45, 500_000), (10, 0, 0), (1, 5, 1_000_000), (.max, .max, 1_000_000),
    ])
    func dutyIsFullFromNinetyPerCentAndLinearBelow(_ duties: UInt64, _ done: UInt64, _ left: UInt64) {
        var conduct = RewardConduct()
        (conduct.duties, conduct.dutiesDone) = (duties, done)
        #expect(RewardRulesTests.reward(conduct).paid == Amount(left))
    }

    @Test(arguments: [
        (UInt64(0), UInt64(0), UInt64(1_000_000)), (95, 5, 1_000_000), (94, 6, 990_000), (0, 1, 50_000),
        (50, 50, 550_000), (.max, .max, 550_000),
    ])
    func missesAboveATwentiethCostTheirShare(_ served: UInt64, _ missed: UInt64, _ left: UInt64) {
        var conduct = RewardConduct()
        (conduct.requestsServed, conduct.requestsMissed) = (served, missed)
        #expect(RewardRulesTests.reward(conduct).paid == Amount(left))
    }

    @Test(arguments: [
        // drawn, idle, what is left
        (UInt64(1), UInt64(0), UInt64(750_000)), (0, 1, 990_000), (3, 25, 0), (4, 0, 0), (5, 0, 0), (.max, .max, 0),
    ])
    func withheldRevealsCostTogetherAtMostAll(_ drawn: UInt64, _ idle: UInt64, _ left: UInt64) {
        var conduct = RewardConduct()
        (conduct.drawnBeaconsMissed, conduct.idleBeaconsMissed) = (drawn, idle)
        #expect(RewardRulesTests.reward(conduct).paid == Amount(left))
    }

    @Test func eachDeductionIsTakenFromWhatTheOneBeforeLeft() {
        var conduct = RewardConduct()
        conduct.confirmedPartsPerMillion = 500_000
        (conduct.duties, conduct.dutiesDone) = (100, 45)
        (conduct.requestsServed, conduct.requestsMissed) = (50, 50)
        conduct.drawnBeaconsMissed = 1
        let reward = RewardRulesTests.reward(conduct)
        #expect(reward.unconfirmed == Amount(500_000) && reward.undutiful == Amount(250_000))
        #expect(reward.missed == Amount(112_500) && reward.withheld == Amount(34_375))
        #expect(reward.convicted == .zero && reward.paid == Amount(103_125))
        conduct.isConvicted = true
        let convicted = RewardRulesTests.reward(conduct)
        #expect(convicted.convicted == Amount(103_125) && convicted.paid == .zero)
    }

    /// What is paid and what is forfeited is what there was, whatever the hosts did.
    @Test func sharesAndDeductionsNeverMakeOrLoseACoin() {
        var random = SplitMix64(seed: 8)
        for _ in 0..<2_000 {
            let weights = (0..<1 + random.next() % 20).map { _ in random.next() >> (random.next() % 64) }
            let total = weights.reduce(UInt128(0)) { $0 + UInt128($1) }
            let emission = random.next() >> (random.next() % 64)
            var shares: UInt128 = 0
            for weight in weights {
                var conduct = RewardConduct()
                conduct.confirmedPartsPerMillion = random.next() % 1_000_001
                (conduct.duties, conduct.dutiesDone) = (random.next() % 9, random.next() % 9)
                (conduct.requestsServed, conduct.requestsMissed) = (random.next() % 9, random.next() % 9)
                (conduct.drawnBeaconsMissed, conduct.idleBeaconsMissed) = (random.next() % 2, random.next() % 2)
                conduct.isConvicted = random.next() % 8 == 0
                let reward = RewardRulesTests.reward(of: emission, weight: weight, total: total, conduct)
                let parts = [
                    reward.unconfirmed, reward.undutiful, reward.missed, reward.withheld, reward.convicted, reward.paid,
                ]
                #expect(parts.reduce(UInt128(0)) { $0 + UInt128($1.ngonka) } == UInt128(reward.share.ngonka))
                shares += UInt128(reward.share.ngonka)
            }
            #expect(shares <= UInt128(emission))
        }
    }
}
