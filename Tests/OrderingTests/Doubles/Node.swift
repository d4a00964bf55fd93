import Metrics
import OrderingAPI
import SoloOrdering
import Testing

/// A node on a scratch folder and a manual clock.
struct Node: Sendable {
    let ordering: SoloOrdering
    let clock: ManualClock
    let folder: ScratchFolder

    init(
        _ application: sending any ReplicatedApplication = CountingApplication(), folder: ScratchFolder? = nil,
        pace: BlockPace = .asSoonAsPossible, following source: (any BlockSource)? = nil,
        metrics: any MetricsFactory = NOOPMetricsHandler.instance,
        _ change: (inout Limits) -> Void = { _ in }
    ) throws {
        var limits = Limits()
        change(&limits)
        self.folder = try folder ?? ScratchFolder()
        clock = ManualClock()
        ordering = SoloOrdering(
            application: application, genesis: genesis, blockFile: self.folder.blockFile, pace: pace, following: source,
            limits: limits,
            clock: clock, metrics: metrics, logger: silentLogger)
    }

    /// Runs the node beside `body` and stops it afterwards.
    func running(_ body: () async throws -> Void) async throws {
        try await ordering.start()
        let run = Task { try await ordering.run() }
        do {
            try await body()
            await ordering.stop()
            try await run.value
        } catch {
            await ordering.stop()
            throw error
        }
    }

    func commit(_ addition: Addition) async throws -> CommittedTransaction {
        let outcome = try await ordering.broadcastAndWait(addition.bytes, timeout: .seconds(60))
        guard case .committed(let transaction) = outcome else {
            Issue.record("expected a block, got \(outcome)")
            throw OrderingError.stopped
        }
        return transaction
    }
}
