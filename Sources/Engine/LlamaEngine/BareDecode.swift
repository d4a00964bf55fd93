import CLlama
import EngineAPI
import Foundation
import ProtocolRules

/// What llama.cpp does by itself: one loop around `llama_decode` and its greedy sampler. Only to compare with.
final class BareDecode: Sendable {
    private let model: LlamaModel
    private let context: LlamaContext
    private let sequences: Int

    init(_ configuration: LlamaConfiguration) throws(EngineError) {
        model = try LlamaModel(path: configuration.modelPath)
        context = try LlamaContext(model: model, configuration: configuration)
        sequences = configuration.parallelSequences
    }

    /// Tokens per second of all sequences together, the prompts not counted. On a thread of its own, like the engine.
    func rate(tokensPerSequence: Int) async throws(EngineError) -> Double {
        let rate = await withCheckedContinuation { continuation in
            let thread = Thread { continuation.resume(returning: self.decode(tokensPerSequence)) }
            thread.start()
        }
        guard let rate else { throw .failed(reason: "llama_decode failed") }
        return rate
    }

    private func decode(_ tokensPerSequence: Int) -> Double? {
        let sampler = llama_sampler_init_greedy()
        defer {
            llama_sampler_free(sampler)
            for sequence in 0..<sequences { context.clear(sequence: sequence) }
        }
        var tokens: [TokenID] = []
        for sequence in 0..<sequences {
            guard context.decode(promptFeeds(sequence)) == 0 else { return nil }
            tokens.append(context.sample(EngineBenchmark.prompt.count - 1, with: sampler))
        }
        let start = ContinuousClock.now
        for step in 0..<tokensPerSequence {
            let feeds = tokens.indices.map {
                LlamaContext.Feed(
                    token: tokens[$0], position: EngineBenchmark.prompt.count + step, sequence: $0, wantsRow: true)
            }
            guard context.decode(feeds) == 0 else { return nil }
            for index in tokens.indices { tokens[index] = context.sample(index, with: sampler) }
        }
        return Double(tokensPerSequence * sequences) / (.now - start).seconds
    }

    private func promptFeeds(_ sequence: Int) -> [LlamaContext.Feed] {
        let prompt = EngineBenchmark.prompt
        return prompt.indices.map {
            LlamaContext.Feed(
                token: prompt[$0], position: $0, sequence: sequence, wantsRow: $0 == prompt.count - 1)
        }
    }
}

extension LlamaContext {
    /// The token that llama.cpp's sampler takes from the last step's token `index`.
    fileprivate func sample(_ index: Int, with sampler: UnsafeMutablePointer<llama_sampler>?) -> TokenID {
        TokenID(max(0, llama_sampler_sample(sampler, pointer, Int32(index))))
    }
}
