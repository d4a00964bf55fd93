import EngineAPI
import ProtocolRules

/// Holds an engine, whatever runs behind it, to what executors and auditors rely on: that its tokens follow from the seed, that
/// its own score finds so, and that its score finds what does not.
///
/// Asks for some hundred tokens; nothing else should use the engine meanwhile.
public struct EngineConformance: Sendable {
    let engine: any Engine
    let reference: (any Engine)?
    let thresholds: ModelThresholds
    let patience: Duration
    let freeing: Duration

    /// - Parameters:
    ///   - engine: what is checked.
    ///   - reference: another engine with the same file, which is trusted; nil skips what needs it.
    ///   - thresholds: the model's, within which two honest engines are.
    ///   - patience: for each check; one that takes longer has failed.
    ///   - freeing: how soon a token must come when all streams were dropped, where twenty times an undisturbed one is sooner.
    public init(
        _ engine: any Engine, reference: (any Engine)? = nil, thresholds: ModelThresholds = .smolLM2,
        patience: Duration = .seconds(120), freeing: Duration = .seconds(2)
    ) {
        self.engine = engine
        self.reference = reference
        self.thresholds = thresholds
        self.patience = patience
        self.freeing = freeing
    }

    /// Does one check after the other.
    ///
    /// - Parameter report: told of each as it ends.
    /// - Returns: one report a check, in the order of `ConformanceCheck.allCases`.
    public func run(report: (ConformanceReport) -> Void = { _ in }) async -> [ConformanceReport] {
        var reports: [ConformanceReport] = []
        for check in ConformanceCheck.allCases {
            let result = await result(of: check)
            report(result)
            reports.append(result)
        }
        return reports
    }

    private func result(of check: ConformanceCheck) async -> ConformanceReport {
        do {
            guard let detail = try await inTime({ try await perform(check) }) else {
                return ConformanceReport(check, .skipped, "there is no other engine to compare with")
            }
            return ConformanceReport(check, .passed, detail)
        } catch {
            return ConformanceReport(check, .failed, "\(error)")
        }
    }

    private func inTime(_ work: @escaping @Sendable () async throws -> String?) async throws -> String? {
        try await withThrowingTaskGroup(of: String?.self) { group in
            group.addTask(operation: work)
            group.addTask {
                try await Task.sleep(for: patience)
                throw Nonconformity("it took more than \(patience.components.seconds) s")
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
    }

    /// - Returns: what was found; nil where there is nothing to check with.
    private func perform(_ check: ConformanceCheck) async throws -> String? {
        switch check {
        case .vocabulary: try vocabulary()
        case .prompt: try await prompt()
        case .text: try await text()
        case .length: try await length()
        case .greedy: try await greedy()
        case .seed: try await seed()
        case .seedBinding: try await seedBinding()
        case .fingerprint: try await fingerprint()
        case .sampling: try await sampling()
        case .forgery: try await forgery()
        case .candidates: try await candidates()
        case .designated: try await designated()
        case .continuation: try await continuation()
        case .constraints: try await constraints()
        case .refusals: try await refusals()
        case .parallel: try await parallel()
        case .cancellation: try await cancellation()
        case .reference: try await compareWithReference()
        }
    }
}
