import Calibration
import ProtocolRules

extension CalibrationTables {
    var errors: BenchPart {
        let honest = texts.map { errorRow("honest (false positives)", $0, result.checks(.honest, text: $0)) }
        let open = cheats.flatMap { cheat in
            texts.map { errorRow("\(cheat.name), open", $0, result.checks(.open(cheat), text: $0)) }
        }
        let drafts = cheats.flatMap { cheat in
            texts.map { errorRow("\(cheat.name), draft", $0, result.checks(.draft(cheat), text: $0)) }
        }
        return BenchPart(
            name: "errors",
            title: "Mismatches of whole answers, % with bounds; what a cheat lacks to 100 is its false negatives",
            columns: ["host", "text", "checks", "thresholds in use", "proposed thresholds"],
            rows: honest + open + drafts)
    }

    private func errorRow(_ name: String, _ text: TextKind, _ checks: [Check]) -> [BenchPart.Cell] {
        [.text(name), .text(text.name), .count(checks.count)]
            + [inUse, proposed].map { thresholds in .rate(BinomialRate(checks) { $0.isMismatch(thresholds) }) }
    }

    /// Whether the model may be admitted on this evidence.
    var admission: BenchPart {
        func row(_ name: String, noisyOnly: Bool) -> [BenchPart.Cell] {
            let rates = [inUse, proposed].map { result.honestItemRate($0, noisyOnly: noisyOnly) }
            return [.text(name), .count(rates[0].total)] + rates.map { .count($0.total - $0.count) }
                + [.count(Self.cleanChecksWanted)] + rates.map { .rate($0) }
        }
        return BenchPart(
            name: "admission",
            title:
                "Honest items, counted once whoever checked them, against the 1000 clean ones that a model's admission asks for; "
                + "where both sides computed the same bits there is no noise to measure",
            columns: [
                "honest items", "count", "clean, in use", "clean, proposed", "wanted", "mismatch %, in use",
                "mismatch %, proposed",
            ],
            rows: [row("all", noisyOnly: false), row("where bits differ", noisyOnly: true)])
    }

    /// What protocol.md section 5 asks of every admitted kind of hardware.
    private static let cleanChecksWanted = 1_000
}

extension Distribution {
    /// How many values are above `limit`.
    func rate(above limit: Double) -> BinomialRate { BinomialRate(countAbove(limit), of: count) }
}
