import Calibration
import EngineAPI
import ProtocolRules
import WireFormat

/// The tables of a calibration.
struct CalibrationTables {
    let result: CalibrationResult
    /// Those of the demo model's record.
    let inUse = ModelThresholds.smolLM2
    let proposed: ModelThresholds

    init(_ result: CalibrationResult) {
        self.result = result
        proposed = result.proposedThresholds
    }

    var parts: [BenchPart] {
        [
            distributions, separation, curveOfDistance, curveOfMargin, lengths, guesses, search, thresholds, errors,
            admission,
        ]
    }

    /// What the tables cannot say.
    static let notes = """
        FP is the fingerprint distance, the mean of |a - b| over a fingerprint's values; M is the margin; both in nats. A host
        decodes token by token and an auditor reads all at once, so every check is decode against prefill. Honest hosts are
        checked twice, by an auditor that scores 4 items at once and by one that scores one by one; cheats by the second.
        "Open": a cheat states its own numbers. "Draft": its tokens, with the numbers of one prefill by the model itself. All
        cheats have the same items. Other texts than sprints have the same prompts for every host, with other seeds.
        Bounds hold at 95 %: Clopper and Pearson's for rates, Newcombe's score interval (method 5) for areas under the curve.
        Not measured: prompts that go on from kept ones; other builds of llama.cpp, other processors and GPUs,
        each of which needs a run of its own before the model's record admits it; KV caches of fewer bits than 16.

        """

    var texts: [TextKind] {
        TextKind.allCases.filter { text in result.conditions.contains { $0.text == text } }
    }

    var cheats: [ModelVariant] { result.plan.cheats }

    private var thresholds: BenchPart {
        func row(_ name: String, _ thresholds: ModelThresholds) -> [BenchPart.Cell] {
            let unit = 10 * Fingerprint.valuesPerNat
            return [
                .text(name), .count(Int(clamping: thresholds.distanceTenthsMax)),
                .figure(Double(thresholds.distanceTenthsMax) / unit, decimals: 4),
                .count(Int(clamping: thresholds.shortDistanceTenthsMax)),
                .figure(Double(thresholds.shortDistanceTenthsMax) / unit, decimals: 4),
                .count(Int(clamping: thresholds.marginMicroNatsMax)),
            ]
        }
        return BenchPart(
            name: "thresholds", title: "Thresholds, as a model's record holds them",
            columns: [
                "thresholds", "distanceTenthsMax", "in nats", "shortDistanceTenthsMax", "as nats", "marginMicroNatsMax",
            ],
            rows: [row("in use for the demo model", inUse), row("proposed by this run", proposed)])
    }

    private var search: BenchPart {
        let rounds = Array(0...result.plan.searchRounds)
        return BenchPart(
            name: "search",
            title:
                "A search for tokens whose margin passes as it is in use, in sprints: draft, let the model read once, take its own "
                + "choice for the first token above 0.05 nats, draft on; % of items that pass after r replacements",
            columns: ["drafts by", "items"] + rounds.map { "r = \($0)" }
                + ["drafted tokens per token", "tokens read by the model per token"],
            rows: result.searches.map { search in
                [.text(search.model.name), .count(search.items)]
                    + search.passedByRound.map {
                        .figure(100 * Double($0) / Double(max(1, search.items)), decimals: 0)
                    }
                    + [
                        .figure(Double(search.draftedTokens) / Double(max(1, search.answerTokens)), decimals: 2),
                        .figure(Double(search.readTokens) / Double(max(1, search.answerTokens)), decimals: 2),
                    ]
            })
    }

    private var guesses: BenchPart {
        let rows = texts.compactMap(result.blindGuess).flatMap { guess in
            guess.distances.filter { $0.distribution.count > 0 }.map { length, distances -> [BenchPart.Cell] in
                let isShort = (length ?? .max) < CalibrationPlan.longPositions
                let tenths = isShort ? inUse.shortDistanceTenthsMax : inUse.distanceTenthsMax
                let wanted = 3 * Double(tenths) / (10 * Fingerprint.valuesPerNat)
                return [
                    .text(guess.text.name), .text(length.map(String.init) ?? "whole"), .count(distances.count),
                    .figure(guess.taken, decimals: 2), .figure(guess.designated, decimals: 2),
                    .figure(distances.minimum, decimals: 3), .figure(distances.quantile(0.01), decimals: 3),
                    .figure(distances.median, decimals: 3), .figure(wanted, decimals: 3),
                    .rate(distances.rate(above: wanted)),
                ]
            }
        }
        return BenchPart(
            name: "guesses",
            title:
                "The best blind guess, the medians of taken and designated tokens' log-probabilities, against three times the "
                + "threshold in use",
            columns: [
                "text", "tokens", "items", "guess, taken", "guess, designated", "FP min", "FP 1 %", "FP median",
                "3 thresholds", "above, %",
            ],
            rows: rows)
    }
}
