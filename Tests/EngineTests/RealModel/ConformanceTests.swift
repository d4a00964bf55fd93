import Conformance
import EngineAPI
import LlamaEngine
import Testing

/// The engine that others are held to conforms itself.
@Suite("The real engine conforms", .timeLimit(.minutes(5)))
struct RealConformanceTests {
    @Test func llamaConforms() async throws {
        let engine = try RealModel.engine.get()
        let reports = await EngineConformance(
            engine, reference: engine, patience: .seconds(240), freeing: .seconds(240)
        ).run()
        // Beside the other suites, which share this engine, two equal requests may meet different batches.
        let failed = reports.filter { $0.outcome != .passed && $0.check != .greedy && $0.check != .seed }
        #expect(failed.isEmpty, "\(failed)")
    }
}
