import EngineAPI
import Primitives
import ProtocolRules

/// What a grammar adds to the choice of a token, with a model's own vocabulary and logits of nobody's.
public struct MaskBenchmark {
    /// One grammar; microseconds a token.
    public struct Row: Sendable {
        public let name: String
        /// The choice alone, without a grammar.
        public let plain: Double
        /// With masks that are computed as they are met.
        public let first: Double
        /// The same tokens once more, with masks that are there.
        public let again: Double
    }

    private let vocabulary: TokenVocabulary
    private let kernel: SamplingKernel
    private let rows: [[Float]]
    private let tokens: Int

    /// - Parameters:
    ///   - modelPath: whose vocabulary is used; the model computes nothing.
    ///   - tokens: so many for each grammar.
    public init(modelPath: String, tokens: Int = 256) throws(EngineError) {
        let model = try LlamaModel(path: modelPath)
        guard let kernel = SamplingKernel(vocabularySize: model.pieces.count) else {
            throw .failed(reason: "out of memory")
        }
        self.kernel = kernel
        self.tokens = max(1, tokens)
        vocabulary = TokenVocabulary(pieces: model.pieces, endTokens: model.endTokens)
        rows = (0..<Self.rowCount).map { row in
            (0..<model.vocabularySize).map { token in
                let block = Philox.block(key: SIMD2(1, 2), counter: SIMD4(row, token, 3, 4))
                return Float(block.x >> 8) / Float(1 << 20)
            }
        }
    }

    /// Different enough that a text has many tokens.
    private static let rowCount: UInt32 = 16

    /// - Parameter gbnf: a grammar that was not asked for before, or its masks are there already.
    public func row(_ name: String, gbnf: String) throws(EngineError) -> Row {
        let plain = try microseconds(.none)
        let constraints = OutputConstraints(grammar: gbnf)
        return Row(
            name: name, plain: plain, first: try microseconds(constraints), again: try microseconds(constraints))
    }

    private func microseconds(_ constraints: OutputConstraints) throws(EngineError) -> Double {
        let prepared = try vocabulary.prepare(constraints)
        var texts: Int64 = 0
        func sampler() -> SequenceSampler {
            texts += 1
            return SequenceSampler(
                sampling: .plain, seed: ItemSeed(clientSeed: texts, promptDigest: .zero, choice: 0),
                constraints: prepared)
        }
        var (current, taken) = (sampler(), 0)
        let start = ContinuousClock.now
        while taken < tokens {
            var row = rows[taken % rows.count]
            let chosen = row.withUnsafeMutableBufferPointer { current.choose(from: $0, with: kernel) }
            guard let chosen else { throw .failed(reason: current.deadEnd) }
            taken += 1
            // A text that is whole is followed by another one.
            if vocabulary.endsText(chosen.token) { current = sampler() }
        }
        return (.now - start).seconds * 1e6 / Double(tokens)
    }
}
