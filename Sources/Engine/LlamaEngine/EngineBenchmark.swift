import EngineAPI
import Primitives
import ProtocolRules

/// Decode speed of the whole engine (batching, seed-bound sampling, log-probabilities, streams) against llama.cpp's own
/// batched decode with its own greedy sampler, in one process, on the same weights.
public struct EngineBenchmark: Sendable {
    /// One batch size.
    public struct Row: Sendable {
        /// Sequences in each step.
        public let sequences: Int
        /// Tokens per second of all sequences together; medians over the pairs.
        public let engineTokensPerSecond: Double
        public let bareTokensPerSecond: Double
        /// Engine ÷ bare; the median of the pairs' own ratios, which a machine's slow moments hardly touch.
        public let ratio: Double
        /// From the moment when all sequences were asked for to a sequence's first token: of all of them, in all runs, the median.
        public let firstTokenSeconds: Double
    }

    private let configuration: LlamaConfiguration
    private let tokensPerSequence: Int
    private let pairs: Int

    /// - Parameters:
    ///   - configuration: the model and its threads; its sequences and context are replaced.
    ///   - tokensPerSequence: timed tokens of each sequence in one run, above 1.
    ///   - pairs: runs of each kind, in turns; at least 1.
    public init(_ configuration: LlamaConfiguration, tokensPerSequence: Int = 64, pairs: Int = 5) {
        self.configuration = configuration
        self.tokensPerSequence = max(2, tokensPerSequence)
        self.pairs = max(1, pairs)
    }

    /// Measures each batch size in turn, and reports each row as soon as it is there.
    public func run(
        sequenceCounts: [Int] = [1, 16, 64], report: @Sendable (Row) -> Void = { _ in }
    ) async throws(EngineError) -> [Row] {
        var rows: [Row] = []
        for count in sequenceCounts {
            let row = try await measure(count)
            rows.append(row)
            report(row)
        }
        return rows
    }

    private func measure(_ sequences: Int) async throws(EngineError) -> Row {
        var configuration = configuration
        configuration.parallelSequences = sequences
        configuration.contextTokens = EngineBenchmark.prompt.count + 2 * tokensPerSequence
        let engine = try LlamaCppEngine(configuration)
        let bare = try BareDecode(configuration)
        var runs: [Run] = []
        var bareRates: [Double] = []
        for pair in 0..<pairs {
            // Turns, so that neither always runs on the warmer machine.
            if pair.isMultiple(of: 2) { runs.append(try await run(engine, sequences)) }
            bareRates.append(try await bare.rate(tokensPerSequence: tokensPerSequence))
            if !pair.isMultiple(of: 2) { runs.append(try await run(engine, sequences)) }
        }
        await engine.stop()
        return Row(
            sequences: sequences, engineTokensPerSecond: median(runs.map(\.rate)),
            bareTokensPerSecond: median(bareRates), ratio: median(zip(runs, bareRates).map { $0.rate / $1 }),
            firstTokenSeconds: median(runs.flatMap(\.firstTokens)))
    }

    /// What one run of the engine came to.
    private struct Run {
        /// Tokens per second while every sequence generates: from the last one's first token to the first one's last.
        let rate: Double
        /// Seconds to each sequence's first token.
        let firstTokens: [Double]
    }

    private func run(_ engine: LlamaCppEngine, _ sequences: Int) async throws(EngineError) -> Run {
        let start = ContinuousClock.now
        let requests = (0..<UInt64(sequences)).map { index in
            GenerateRequest(
                prompt: EngineBenchmark.prompt, sampling: .plain, seed: ItemSeed(session: index),
                maximumTokens: tokensPerSequence + EngineBenchmark.spareTokens, ignoresEndTokens: true)
        }
        let times: [[ContinuousClock.Instant]]
        do {
            times = try await withThrowingTaskGroup(of: [ContinuousClock.Instant].self) { group in
                for request in requests {
                    group.addTask {
                        var times: [ContinuousClock.Instant] = []
                        for try await _ in engine.generate(request) { times.append(.now) }
                        return times
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
        } catch let error as EngineError {
            throw error
        } catch {
            throw .cancelled
        }
        return Run(
            rate: try EngineBenchmark.rate(times),
            firstTokens: times.compactMap { $0.first.map { ($0 - start).seconds } })
    }

    /// Tokens per second between the last sequence's first token and the first sequence's last.
    ///
    /// - Parameter times: when each token of each sequence was taken; ascending in each.
    /// - Throws: `.failed` where the sequences never ran at once, as whoever takes the tokens may find on a busy machine.
    static func rate(_ times: [[ContinuousClock.Instant]]) throws(EngineError) -> Double {
        guard let start = times.compactMap(\.first).max(), let end = times.compactMap(\.last).min(), start < end else {
            throw .failed(reason: "the sequences did not run at once; measure on a machine that is less busy")
        }
        let count = times.reduce(0) { $0 + $1.count { $0 > start && $0 <= end } }
        return Double(count) / (end - start).seconds
    }

    /// Tokens that let late starters catch up before the clock runs.
    private static let spareTokens = 16
    /// Plain tokens, the same for both kinds.
    static let prompt: [TokenID] = Array(1000..<1024)
}

extension ItemSeed {
    /// A seed for measurements.
    fileprivate init(session: UInt64) {
        self.init(clientSeed: Int64(session), promptDigest: .zero, choice: 0)
    }
}

extension Duration {
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}

/// The middle of `values`, the mean of the two in the middle for an even count; 0 for none.
func median(_ values: [Double]) -> Double {
    guard !values.isEmpty else { return 0 }
    let sorted = values.sorted()
    return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
}
