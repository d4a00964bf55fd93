import EngineAPI
import Testing

@testable import LlamaEngine

@Suite(.enabled(if: RealModel.isThere), .serialized)
struct EngineBenchmarkTests {
    /// That it measures, not what: other tests run beside it. Of one sequence, since those tests may keep whoever takes two
    /// sequences' tokens from taking them at once.
    @Test func givesARowForEachBatchSize() async throws {
        let path = try #require(RealModel.path)
        let rows = try await EngineBenchmark(RealModel.configuration(path: path), tokensPerSequence: 8, pairs: 1)
            .run(sequenceCounts: [1, 1])
        #expect(rows.map(\.sequences) == [1, 1])
        #expect(rows.allSatisfy { $0.engineTokensPerSecond > 0 && $0.bareTokensPerSecond > 0 && $0.ratio > 0 })
        #expect(rows.allSatisfy { $0.firstTokenSeconds > 0 })
    }

    @Test func masksAreMeasuredWhereTheyAreMetFirstAndAgain() throws {
        let bench = try MaskBenchmark(modelPath: try #require(RealModel.path), tokens: 12)
        let row = try bench.row("letters", gbnf: "root ::= [a-z]{3,30}")
        #expect(row.name == "letters")
        #expect(row.plain > 0 && row.first > 0 && row.again > 0)
    }

    /// Instants `milliseconds` after one that all of a test share.
    private func instants(_ milliseconds: Int...) -> [ContinuousClock.Instant] {
        milliseconds.map { Self.origin + .milliseconds($0) }
    }

    private static let origin = ContinuousClock.now

    @Test func onlyTokensOfTheTimeWhenAllSequencesRanAreCounted() throws {
        // From 200 to 400 ms: three tokens of the first, two of the second.
        let times = [instants(0, 100, 250, 300, 400), instants(200, 300, 400, 500)]
        #expect(abs(try EngineBenchmark.rate(times) - 25) < 1e-6)
        #expect(abs(try EngineBenchmark.rate([instants(0, 500, 1_000)]) - 2) < 1e-6)
    }

    @Test func sequencesThatNeverRanAtOnceHaveNoRate() {
        for times in [[instants(0, 100), instants(200, 300)], [instants(0)], [[]], []] {
            #expect(throws: EngineError.self) { try EngineBenchmark.rate(times) }
        }
    }

    @Test func medianIsTheMiddle() {
        #expect(median([3, 1, 2]) == 2)
        #expect(median([4, 1, 2, 3]) == 2.5)
        #expect(median([]) == 0)
    }
}
