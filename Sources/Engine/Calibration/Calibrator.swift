import EngineAPI
import ProtocolRules

/// Runs a plan: honest hosts, cheats, and cheats that search, all judged by the model of record.
public struct Calibrator<Source: EngineSource>: Sendable {
    private let plan: CalibrationPlan
    private let source: Source
    private let tell: @Sendable (String) -> Void

    /// - Parameter tell: hears in a few words what was done.
    public init(_ plan: CalibrationPlan, source: Source, tell: @escaping @Sendable (String) -> Void = { _ in }) {
        self.plan = plan
        self.source = source
        self.tell = tell
    }

    /// - Throws: an `EngineError`, or what the source throws.
    public func run() async throws -> CalibrationResult {
        let auditor = recipe(.exact, sequences: CalibrationPlan.auditorSequences, threads: plan.threads)
        return try await source.use(auditor) { engine in
            let items = try ItemMaker(plan, engine: engine)
            let conditions = try await conditions(items, auditor: EngineWork(engine: engine))
            let searches = try await searches(items, auditor: EngineWork(engine: engine))
            return CalibrationResult(plan: plan, conditions: conditions, searches: searches)
        }
    }

    private func recipe(_ model: ModelVariant, sequences: Int, threads: Int) -> EngineRecipe {
        EngineRecipe(
            model: model, sequences: sequences, threads: threads, contextTokens: plan.contextTokens)
    }

    private func conditions(_ items: ItemMaker, auditor: EngineWork) async throws -> [Condition] {
        var conditions: [Condition] = []
        for (index, shape) in plan.shapes.enumerated() {
            conditions += try await measure(.exact, shape, stream: UInt32(index), items, auditor)
        }
        // Every cheat gets the same items, which no honest host had.
        for cheat in plan.cheats {
            conditions += try await measure(cheat, plan.shapes[0], stream: UInt32(plan.shapes.count), items, auditor)
        }
        return conditions
    }

    /// All texts of one host.
    private func measure(
        _ model: ModelVariant, _ shape: HostShape, stream: UInt32, _ items: ItemMaker, _ auditor: EngineWork
    ) async throws -> [Condition] {
        let host = recipe(model, sequences: shape.sequences, threads: shape.threads)
        return try await source.use(host) { engine in
            var conditions: [Condition] = []
            for text in TextKind.allCases {
                let count = plan.count(of: text, in: shape)
                let requests = try await items.requests(text, count: count, stream: stream)
                let answers = try await EngineWork(engine: engine).answers(requests, in: shape)
                let trials = try await trials(answers, auditor)
                conditions.append(Condition(model: model, shape: shape, text: text, trials: trials))
                tell("\(model.name), \(shape.name): \(text.name), items: \(count)")
            }
            return conditions
        }
    }

    private func trials(_ answers: [Answer], _ auditor: EngineWork) async throws -> [Trial] {
        let outputs = answers.map { (request: $0.request, output: $0.tokens.map(\.token)) }
        let together = try await auditor.scores(outputs, atOnce: CalibrationPlan.auditorSequences)
        let alone = try await auditor.scores(outputs, atOnce: 1)
        return answers.indices.map { index in
            let request = answers[index].request
            return Trial(
                request: request, output: outputs[index].output,
                noted: answers[index].tokens.map(\.logProbabilities),
                audits: [Audit(together[index], of: request), Audit(alone[index], of: request)])
        }
    }

    private func searches(_ items: ItemMaker, auditor: EngineWork) async throws -> [SearchResult] {
        let requests = try await items.requests(.sprint, count: plan.searchItems, stream: UInt32(plan.shapes.count) + 1)
        let shape = plan.shapes[0]
        var results: [SearchResult] = []
        for model in plan.searchers {
            let drafter = recipe(model, sequences: shape.sequences, threads: shape.threads)
            results.append(
                try await source.use(drafter) { engine in
                    let search = DraftSearch(
                        drafter: EngineWork(engine: engine), auditor: auditor, atOnce: shape.sequences,
                        marginMicroNatsMax: ModelThresholds.smolLM2.marginMicroNatsMax)
                    return try await search.run(requests, rounds: plan.searchRounds, model: model)
                })
            tell("\(model.name) searches, items: \(requests.count)")
        }
        return results
    }
}
