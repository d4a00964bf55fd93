import Calibration

extension CalibrationTables {
    var distributions: BenchPart {
        let rows = texts.flatMap { text in
            honestRows(text)
                + cheats.map { row(text, "\($0.name), open", result.checks(.open($0), text: text)) }
        }
        return BenchPart(
            name: "distributions", title: "Fingerprint distance (FP) and margin (M) of whole answers, in nats",
            columns: [
                "text", "host", "checks", "same bits %", "FP min", "FP median", "FP 95 %", "FP max", "M min",
                "M median",
                "M 95 %", "M max",
            ],
            rows: rows)
    }

    private func honestRows(_ text: TextKind) -> [[BenchPart.Cell]] {
        let conditions = result.conditions.filter { $0.model == .exact && $0.text == text }
        let shapes = conditions.map { row(text, "honest, \($0.shape.name)", $0.checks(.honest)) }
        let all = result.checks(.honest, text: text)
        return shapes + [
            row(text, "honest, all", all), row(text, "honest, where bits differ", all.filter { !$0.isExact }),
            row(text, "a prefill against another", result.checks(.draft(.exact), text: text)),
        ]
    }

    private func row(_ text: TextKind, _ name: String, _ checks: [Check]) -> [BenchPart.Cell] {
        let exact = BinomialRate(checks) { $0.isExact }
        return [
            .text(text.name), .text(name), .count(checks.count), .figure(100 * exact.share, decimals: 0),
        ] + Self.four(Distribution(checks.map(\.distance))) + Self.four(Distribution(checks.map(\.margin)))
    }

    private static func four(_ distribution: Distribution) -> [BenchPart.Cell] {
        [distribution.minimum, distribution.median, distribution.quantile(0.95), distribution.maximum].map {
            .figure($0, decimals: 4)
        }
    }

    var separation: BenchPart {
        let rows = texts.flatMap { text in
            // One check an item, so that the items are independent.
            let honest = result.checks(.open(.exact), text: text)
            return cheats.map { cheat -> [BenchPart.Cell] in
                let checks = result.checks(.open(cheat), text: text)
                return [.text(text.name), .text(cheat.name), .count(honest.count), .count(checks.count)]
                    + area(honest.map(\.distance), checks.map(\.distance))
                    + area(honest.map(\.margin), checks.map(\.margin))
            }
        }
        return BenchPart(
            name: "separation",
            title: "Area under the ROC curve: FP tells open cheats from honest hosts, M alone tells drafts",
            columns: [
                "text", "cheat", "honest items", "cheat's items", "FP area", "low", "high", "M area", "M low", "M high",
            ],
            rows: rows)
    }

    private func area(_ honest: [Double], _ cheats: [Double]) -> [BenchPart.Cell] {
        let separation = Separation(honest: Distribution(honest), cheats: cheats)
        return [separation.area, separation.bounds.low, separation.bounds.high].map { .figure($0, decimals: 3) }
    }

    var curveOfDistance: BenchPart {
        curve(
            "roc-distance",
            "ROC of the fingerprint: % of whole answers, all texts together, whose FP is above a limit in nats",
            limits: [0.005, 0.0075, 0.01, 0.015, 0.02, 0.025, 0.03, 0.04, 0.05, 0.075, 0.1, 0.2], \.distance)
    }

    var curveOfMargin: BenchPart {
        curve(
            "roc-margin",
            "ROC of the margin, which is all that tells drafts: % of the same answers whose M is above a limit in nats",
            limits: [0.0002, 0.0005, 0.001, 0.002, 0.003, 0.005, 0.01, 0.02, 0.05, 0.1], \.margin)
    }

    private func curve(
        _ name: String, _ title: String, limits: [Double], _ number: (Check) -> Double
    ) -> BenchPart {
        let kinds = [ModelVariant.exact] + cheats
        let samples = kinds.map { Distribution(result.checks(.open($0)).map(number)) }
        return BenchPart(
            name: name, title: title, columns: ["above"] + kinds.map { $0 == .exact ? "honest" : $0.name },
            rows: limits.map { limit in
                [.figure(limit, decimals: 4)] + samples.map { .rate($0.rate(above: limit)) }
            })
    }

    var lengths: BenchPart {
        let rows = CalibrationPlan.lengths.flatMap { length in
            ([ModelVariant.exact] + cheats).compactMap { lengthRow(length, $0) }
        }
        return BenchPart(
            name: "lengths",
            title:
                "The same answers cut to their first tokens, all texts together; mismatches by the thresholds in use",
            columns: [
                "tokens", "host", "checks", "FP min", "FP median", "FP 95 %", "FP max", "M median", "M max",
                "mismatch, own numbers %", "mismatch, draft %",
            ],
            rows: rows)
    }

    private func lengthRow(_ length: Int, _ model: ModelVariant) -> [BenchPart.Cell]? {
        let checks = result.checks(model == .exact ? .honest : .open(model), length: length)
        guard !checks.isEmpty else { return nil }
        let margins = Distribution(checks.map(\.margin))
        let drafts = result.checks(.draft(model), length: length)
        return [.count(length), .text(model == .exact ? "honest" : model.name), .count(checks.count)]
            + Self.four(Distribution(checks.map(\.distance)))
            + [
                .figure(margins.median, decimals: 4), .figure(margins.maximum, decimals: 4),
                .rate(BinomialRate(checks) { $0.isMismatch(inUse) }),
                .rate(BinomialRate(drafts) { $0.isMismatch(inUse) }),
            ]
    }
}
