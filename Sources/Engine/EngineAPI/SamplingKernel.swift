import CSampling
import Grammar
import ProtocolRules

/// The C kernel with its scratch memory: one per thread that samples. Not Sendable.
public final class SamplingKernel {
    private let workspace: OpaquePointer
    private var buffer: [gonka_candidate]

    /// - Parameter vocabularySize: the most logits in a row; nil where memory is out.
    public init?(vocabularySize: Int) {
        guard let workspace = gonka_workspace_create(vocabularySize) else { return nil }
        self.workspace = workspace
        buffer = [gonka_candidate](repeating: gonka_candidate(), count: SamplingParameters.candidateCount)
    }

    deinit { gonka_workspace_free(workspace) }

    /// ln Σ exp over the row, within 2·10⁻⁶ nats; −∞ for a row without a usable logit.
    public func logSumExp(_ row: UnsafeBufferPointer<Float>) -> Double { gonka_log_sum_exp(row.baseAddress, row.count) }

    /// The 256 highest logits, descending, ties to the lower id; fewer only where fewer are usable.
    public func highest(_ row: UnsafeBufferPointer<Float>) -> [Candidate] {
        let count = fill(from: row)
        return buffer.prefix(count).map { Candidate(token: $0.token, logit: $0.logit) }
    }

    /// The `count` most probable tokens, at temperature 1 over the whole row: descending, ties to the lower id; fewer only where
    /// fewer are usable.
    ///
    /// - Parameter count: in [0, 256].
    public func mostProbable(_ count: Int, in row: UnsafeBufferPointer<Float>) -> [TokenLogProbability] {
        guard count > 0 else { return [] }
        let total = logSumExp(row)
        let found = fill(from: row)
        return buffer.prefix(min(count, found)).map {
            TokenLogProbability(token: $0.token, logProbability: Double($0.logit) - total)
        }
    }

    /// The row's seed-bound choice (`ReferenceSampler.choose` says what that is), or nil for a row without a usable
    /// logit.
    public func choose(
        _ row: UnsafeBufferPointer<Float>, sampling: SamplingParameters, noise: TokenNoise, position: UInt32
    ) -> TokenID? {
        let count = fill(from: row)
        guard count > 0 else { return nil }
        guard sampling.temperature > 0 else { return buffer[0].token }
        var limits = gonka_sampling(SamplingLimits(sampling))
        let kept = gonka_kept(buffer, count, &limits)
        return gonka_best_noisy(buffer, kept, limits.temperature, gonka_noise(noise), position).token
    }

    /// A copy of the row with −∞ for every token that is not in `mask`; valid until the next call.
    ///
    /// - Parameter mask: of at least as many tokens as the row has.
    func masked(_ row: UnsafeBufferPointer<Float>, by mask: TokenMask) -> UnsafeBufferPointer<Float> {
        UnsafeBufferPointer(start: gonka_masked(workspace, row.baseAddress, row.count, mask.words), count: row.count)
    }

    /// The highest of logit ÷ temperature + noise over `candidates`, or nil for none. Temperature above 0.
    static func bestNoisy(
        _ candidates: some Collection<Candidate>, temperature: Double, noise: TokenNoise, position: UInt32
    ) -> (token: TokenID, score: Double)? {
        guard !candidates.isEmpty else { return nil }
        let buffer = candidates.map { gonka_candidate(token: $0.token, logit: $0.logit) }
        let best = gonka_best_noisy(buffer, buffer.count, temperature, gonka_noise(noise), position)
        return (best.token, best.score)
    }

    private func fill(from row: UnsafeBufferPointer<Float>) -> Int {
        gonka_highest(workspace, row.baseAddress, row.count, &buffer)
    }
}

extension gonka_noise {
    init(_ noise: TokenNoise) { self.init(words: (noise.words.x, noise.words.y, noise.words.z, noise.words.w)) }
}

extension gonka_sampling {
    init(_ limits: SamplingLimits) {
        self.init(
            temperature: limits.temperature, top_p: limits.topP, min_p: limits.minP,
            top_k: UInt32(clamping: limits.topK))
    }
}
