/// Decides which tokens the next step feeds. Pure, so that its fairness and its bounds are tested without a model.
enum StepPlanner {
    /// A sequence that has tokens to feed.
    struct Pending: Equatable {
        let sequence: Int
        /// Tokens that are still to be fed, at least 1.
        let count: Int
        /// How many of those come before the first whose row of logits is wanted; below `count`.
        let countBeforeRows: Int
        /// Whether somebody waits for it: it reads before others, three steps of four.
        var isUrgent = false
    }

    /// A sequence's part of a step: its next `count` tokens.
    struct Span: Equatable {
        let sequence: Int
        let count: Int
    }

    /// The spans of the next step, by sequence: llama.cpp computes neighbours together.
    ///
    /// A sequence with one token left generates, and is always in. The others share a budget of prompt tokens, smaller
    /// where anybody generates, and of rows; the first in line gets all of it, so `turn` moves the line on from step
    /// to step. A lone sequence's spans depend on nothing but its own length.
    static func plan(_ pending: [Pending], turn: Int) -> [Span] {
        let generating = pending.filter { $0.count == 1 }
        var tokens = generating.isEmpty ? Limits.batchTokens : Limits.promptTokensBesideGeneration
        var rows = Limits.scoredRows
        var spans = generating.map { Span(sequence: $0.sequence, count: 1) }
        for next in line(pending.filter { $0.count > 1 }, turn: turn) {
            let count = min(next.count, tokens, next.countBeforeRows + rows)
            guard count > 0 else { continue }
            tokens -= count
            rows -= max(0, count - next.countBeforeRows)
            spans.append(Span(sequence: next.sequence, count: count))
        }
        return spans.sorted { $0.sequence < $1.sequence }
    }

    /// Those who read, the next first.
    private static func line(_ reading: [Pending], turn: Int) -> [Pending] {
        let rotated = reading.indices.map { reading[(turn + $0) % reading.count] }
        guard turn % Limits.stepsOfAnyonesReading != 0 else { return rotated }
        return rotated.filter(\.isUrgent) + rotated.filter { !$0.isUrgent }
    }
}
