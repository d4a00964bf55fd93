import Testing

@testable import LlamaEngine

struct StepPlannerTests {
    private func reading(_ sequence: Int, _ count: Int, before rows: Int? = nil) -> StepPlanner.Pending {
        StepPlanner.Pending(sequence: sequence, count: count, countBeforeRows: rows ?? count - 1)
    }

    private func generating(_ sequence: Int) -> StepPlanner.Pending {
        StepPlanner.Pending(sequence: sequence, count: 1, countBeforeRows: 0)
    }

    @Test func lonePromptIsReadInWholeBatches() {
        #expect(StepPlanner.plan([reading(3, 1200)], turn: 9) == [.init(sequence: 3, count: 512)])
        #expect(StepPlanner.plan([reading(3, 30)], turn: 0) == [.init(sequence: 3, count: 30)])
    }

    @Test func promptsTakeLittleBesideGeneration() {
        let spans = StepPlanner.plan([generating(0), reading(1, 500), generating(2), reading(4, 500)], turn: 0)
        #expect(
            spans == [.init(sequence: 0, count: 1), .init(sequence: 1, count: 64), .init(sequence: 2, count: 1)])
    }

    /// Whoever generates is in every step, however long a prompt beside it is, and no step feeds more of that than its part.
    @Test func aLongPromptHoldsUpNobodysNextToken() {
        var left = 3_000
        var steps = 0
        while left > 0 {
            let spans = StepPlanner.plan([generating(0), reading(1, left + 1)], turn: steps)
            #expect(spans.first == .init(sequence: 0, count: 1))
            #expect(spans.count == 2 && spans[1].count <= Limits.promptTokensBesideGeneration)
            left -= spans[1].count
            steps += 1
        }
        #expect(steps == (3_000 + Limits.promptTokensBesideGeneration - 1) / Limits.promptTokensBesideGeneration)
    }

    @Test func whatSomebodyWaitsForIsReadFirstThreeStepsOfFour() {
        let urgent = StepPlanner.Pending(sequence: 2, count: 2_000, countBeforeRows: 1_999, isUrgent: true)
        let firsts = (0..<8).map { turn in
            StepPlanner.plan([generating(0), reading(1, 2_000), urgent], turn: turn).last?.sequence
        }
        #expect(firsts == [1, 2, 2, 2, 1, 2, 2, 2])
    }

    @Test func theLineMovesOn() {
        let pending = [generating(0), reading(1, 500), reading(2, 500)]
        #expect(StepPlanner.plan(pending, turn: 0).last == .init(sequence: 1, count: 64))
        #expect(StepPlanner.plan(pending, turn: 1).last == .init(sequence: 2, count: 64))
    }

    @Test func rowsAreBounded() {
        let spans = StepPlanner.plan([reading(0, 400, before: 10), reading(1, 400, before: 300)], turn: 0)
        #expect(spans == [.init(sequence: 0, count: 74), .init(sequence: 1, count: 300)])
    }

    @Test(arguments: 0..<200 as Range<UInt64>)
    func everyoneFinishesWithinTheBounds(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var left = (0..<8).map { sequence in
            let count = Int.random(in: 1...900, using: &random)
            return StepPlanner.Pending(
                sequence: sequence, count: count, countBeforeRows: Int.random(in: 0..<count, using: &random))
        }
        var turn = 0
        while !left.isEmpty {
            let spans = StepPlanner.plan(left, turn: turn)
            turn += 1
            #expect(!spans.isEmpty && spans.reduce(0) { $0 + $1.count } <= Limits.batchTokens + 8)
            var rows = 0
            for span in spans {
                guard let index = left.firstIndex(where: { $0.sequence == span.sequence }) else { continue }
                let pending = left[index]
                rows += max(0, span.count - pending.countBeforeRows)
                left[index] = StepPlanner.Pending(
                    sequence: pending.sequence, count: pending.count - span.count,
                    countBeforeRows: max(0, pending.countBeforeRows - span.count))
            }
            #expect(rows <= Limits.scoredRows + 8)
            left.removeAll { $0.count == 0 }
            #expect(turn < 2000, "seed \(seed)")
            if turn >= 2000 { return }
        }
    }
}
