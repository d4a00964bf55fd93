import EngineAPI
import ProtocolRules
import StubEngine
import Testing

@testable import Calibration

/// The whole measurement over imaginary models.
struct CalibratorTests {
    private static let plan = CalibrationPlan(items: 4, threads: 2, seed: 7, isQuick: true)

    @Test func honestHostsPassAndEveryCheatFails() async throws {
        let result = try await Calibrator(Self.plan, source: StubEngineSource()).run()
        let honest = result.checks(.honest)
        #expect(!honest.isEmpty && honest.allSatisfy { !$0.isMismatch(.smolLM2) && $0.marginMicroNats == 0 })
        #expect(honest.contains { $0.isExact } && honest.contains { !$0.isExact })
        #expect(honest.allSatisfy { $0.isExact || abs($0.distance - 3.0 / 512) < 1.0 / 512 })
        for cheat in Self.plan.cheats {
            let (open, drafts) = (result.checks(.open(cheat)), result.checks(.draft(cheat)))
            #expect(open.count == drafts.count && !open.isEmpty)
            #expect(open.allSatisfy { $0.isMismatch(.smolLM2) && $0.distance > 0.04 })
            // The numbers are the model's own: the tokens alone give a draft away.
            #expect(drafts.allSatisfy { $0.isMismatch(.smolLM2) && $0.isExact })
        }
    }

    @Test func everyHostHasEveryTextAndEachItemIsCountedOnce() async throws {
        let result = try await Calibrator(Self.plan, source: StubEngineSource()).run()
        let hosts = Self.plan.shapes.count + Self.plan.cheats.count
        #expect(result.conditions.count == hosts * TextKind.allCases.count)
        let items = result.conditions.filter { $0.model == .exact }.reduce(0) { $0 + $1.trials.count }
        let all = result.honestItemRate(.smolLM2)
        #expect(all == BinomialRate(0, of: items))
        #expect(result.checks(.honest).count == 2 * items)
        let noisy = result.honestItemRate(.smolLM2, noisyOnly: true)
        #expect(0 < noisy.total && noisy.total < items)
        let strict = ModelThresholds(distanceTenthsMax: 0, shortDistanceTenthsMax: 0, marginMicroNatsMax: 0)
        #expect(result.honestItemRate(strict) == BinomialRate(noisy.total, of: items))
    }

    @Test func shorterAnswersAreJudgedAsIfTheyEndedThere() async throws {
        let result = try await Calibrator(Self.plan, source: StubEngineSource()).run()
        let condition = try #require(result.conditions.last)
        for trial in condition.trials {
            let whole = try #require(trial.check(.noted, auditor: 1))
            let cut = try #require(trial.check(.noted, auditor: 1, length: 4))
            #expect(trial.check(.noted, auditor: 1, length: trial.output.count)?.distance == whole.distance)
            #expect(trial.check(.noted, auditor: 1, length: trial.output.count + 1) == nil)
            #expect(cut.marginMicroNats <= whole.marginMicroNats)
        }
        #expect(result.checks(.honest, length: 256).isEmpty)
    }

    @Test func nobodyGuessesTheNumbersOfAnyText() async throws {
        let result = try await Calibrator(Self.plan, source: StubEngineSource()).run()
        for text in TextKind.allCases {
            let guess = try #require(result.blindGuess(text))
            let whole = try #require(guess.distances.last?.distribution)
            #expect(guess.taken < 0 && guess.designated < guess.taken)
            #expect(whole.count > 0 && whole.minimum > 3 * 0.025)
        }
    }

    @Test func samePlanSameItemsOtherSeedOtherItems() async throws {
        func outputs(_ seed: Int64) async throws -> [[TokenID]] {
            let plan = CalibrationPlan(items: 1, threads: 1, seed: seed, isQuick: true)
            let result = try await Calibrator(plan, source: StubEngineSource()).run()
            return result.conditions.flatMap(\.trials).map(\.output)
        }
        let first = try await outputs(1)
        #expect(try await outputs(1) == first)
        #expect(try await outputs(2) != first)
    }

    /// An engine that cannot be opened.
    struct ClosedSource: EngineSource {
        func use<Result: Sendable>(
            _ recipe: EngineRecipe, _ work: @Sendable (any Engine) async throws -> Result
        ) async throws -> Result {
            if recipe.model != .exact { throw EngineError.stopped }
            return try await StubEngineSource().use(recipe, work)
        }
    }

    @Test func anEngineThatCannotBeOpenedEndsTheRun() async {
        await #expect(throws: EngineError.stopped) {
            _ = try await Calibrator(Self.plan, source: ClosedSource()).run()
        }
    }

    @Test func questionsDoNotRepeatSoon() {
        #expect(Set((0..<128).map(TextKind.chat.question)).count == 128)
        #expect(Set((0..<64).map(TextKind.predictable.question)).count == 64)
        #expect(TextKind.greedyChat.question(200) == TextKind.chat.question(200))
    }
}
