import Cryptography
import EngineAPI
import ProtocolRules
import Testing

@testable import Calibration

/// Thresholds from distances that are known.
struct ThresholdProposalTests {
    private static let request = GenerateRequest(
        prompt: [1], sampling: .greedy, seed: ItemSeed(.sha256([1])), maximumTokens: 8)

    /// Eight tokens whose host noted `units` 512ths of a nat too little at every place; each token loses `lead` nats.
    private func trial(units: Double, lead: Float = 0) -> Trial {
        let pair = LogProbabilityPair(taken: -1, designated: -20)
        let position = ScoredPosition(
            token: 1, logit: 5, logProbabilities: pair,
            candidates: lead > 0 ? [Candidate(token: 0, logit: 5 + lead)] : [Candidate(token: 1, logit: 5)])
        let audit = Audit(ScoreResult(positions: Array(repeating: position, count: 8)), of: Self.request)
        let noted = LogProbabilityPair(taken: pair.taken - units / 512, designated: pair.designated - units / 512)
        return Trial(
            request: Self.request, output: Array(repeating: 1, count: 8), noted: Array(repeating: noted, count: 8),
            audits: [audit, audit])
    }

    private func thresholds(honest: Trial, cheat: Trial) -> ModelThresholds {
        let plan = CalibrationPlan(items: 1, threads: 1, seed: 1, isQuick: true)
        return CalibrationResult(
            plan: plan,
            conditions: [
                Condition(model: .exact, shape: plan.shapes[0], text: .sprint, trials: [honest]),
                Condition(model: .q8_0, shape: plan.shapes[0], text: .sprint, trials: [cheat]),
            ], searches: []
        ).proposedThresholds
    }

    @Test func theMiddleOfAGap() {
        let proposed = thresholds(honest: trial(units: 5), cheat: trial(units: 20))
        #expect(proposed.distanceTenthsMax == 100)
        #expect(proposed.shortDistanceTenthsMax == 100)
        #expect(!(trial(units: 5).check(.noted, auditor: 0)?.isMismatch(proposed) ?? true))
        #expect(trial(units: 20).check(.noted, auditor: 0)?.isMismatch(proposed) == true)
    }

    @Test func twiceTheHonestMaximumWithoutAGap() {
        #expect(thresholds(honest: trial(units: 7), cheat: trial(units: 6)).distanceTenthsMax == 140)
    }

    /// Eight tokens that lose 0.01 nats each are 0.0025 nats over 32.
    @Test func threeTimesTheHonestMarginInThousands() {
        let honest = trial(units: 1, lead: 0.01)
        #expect(honest.check(.noted, auditor: 0).map { abs($0.margin - 0.0025) < 1e-5 } == true)
        #expect(thresholds(honest: honest, cheat: trial(units: 9)).marginMicroNatsMax == 8_000)
        #expect(thresholds(honest: trial(units: 1), cheat: trial(units: 9)).marginMicroNatsMax == 1_000)
    }
}
