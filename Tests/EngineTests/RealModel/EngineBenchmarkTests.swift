import EngineAPI
import Testing

@testable import LlamaEngine

@Suite(.enabled(if: RealModel.isThere), .serialized)
struct EngineBenchmarkTests {
    /// That it measures, not what: other tests run beside it.
    @Test func givesARowForEachBatchSize() async throws {
        let path = try #require(RealModel.path)
        let rows = try await EngineBenchmark(RealModel.configuration(path: path), tokensPerSequence: 8, pairs: 1)
            .run(sequenceCounts: [1, 2])
        #expect(rows.map(\.sequences) == [1, 2])
        #expect(rows.allSatisfy { $0.engineTokensPerSecond > 0 && $0.bareTokensPerSecond > 0 && $0.ratio > 0 })
    }

    @Test func medianIsTheMiddle() {
        #expect(median([3, 1, 2]) == 2)
        #expect(median([4, 1, 2, 3]) == 2.5)
        #expect(median([]) == 0)
    }
}
