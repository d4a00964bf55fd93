import EngineAPI
import Primitives
import ProtocolRules

/// One sequence's walk through its output positions, as the server sees them and this network's sampler chooses.
struct ServerWalk {
    private let reader: PositionReader
    private let sampling: SamplingParameters
    private let seed: ItemSeed
    private let noise: TokenNoise
    private let size: UInt32

    init(_ reader: PositionReader, sampling: SamplingParameters, seed: ItemSeed, size: UInt32) throws(EngineError) {
        (self.reader, self.sampling, self.seed, self.size) = (reader, sampling, seed, size)
        noise = TokenNoise(seed)
    }

    /// - Parameter room: the most tokens of the answer, what is begun included.
    func generate(
        _ request: GenerateRequest, room: Int, endTokens: [TokenID], _ isOfScope: Bool,
        _ bytes: (TokenID) -> Bytes, _ yield: (GeneratedToken) -> Void
    ) async throws(EngineError) {
        var sampler = SequenceSampler(sampling: sampling, seed: seed, begun: request.begun)
        var characters = CharacterAssembler()
        var tokens = request.prompt + request.begun
        var cachedTokens: Int?
        for position in request.begun.count..<room {
            let designated = noise.designatedToken(position: UInt32(position), vocabularySize: size)
            var view = try await reader.view(
                after: tokens, of: [designated], count: count(position), reuses: isOfScope || cachedTokens != nil)
            let kernel = try makeKernel()
            let top = view.row.withUnsafeBufferPointer { kernel.highest($0).prefix(request.topLogProbabilities) }
            let chosen = view.row.withUnsafeMutableBufferPointer { sampler.choose(from: $0, with: kernel) }
            guard let token = chosen?.token else { throw .failed(reason: "the model gave no usable logit") }
            if cachedTokens == nil { cachedTokens = isOfScope ? min(view.cachedTokens, request.prompt.count) : 0 }
            tokens.append(token)
            let end: GenerationEnd? =
                endTokens.contains(token) ? .endToken : position == room - 1 ? .maximumTokens : nil
            let text = characters.append(bytes(token)) + (end == nil ? "" : characters.finish())
            yield(
                GeneratedToken(
                    token: token, text: text, logProbabilities: pair(taken: token, designated, view), end: end,
                    top: top.map { TokenLogProbability(token: $0.token, logProbability: number($0.token, view)) },
                    cachedTokens: cachedTokens ?? 0))
            if end != nil { return }
        }
    }

    func score(_ request: ScoreRequest) async throws(EngineError) -> ScoreResult {
        var sampler = SequenceSampler(sampling: sampling, seed: seed)
        var positions: [ScoredPosition] = []
        for (position, token) in request.output.enumerated() {
            let designated = noise.designatedToken(position: UInt32(position), vocabularySize: size)
            var view = try await reader.view(
                after: request.prompt + request.output[..<position], of: [designated, token], count: count(position),
                reuses: position > 0)
            let kernel = try makeKernel()
            let scored = view.row.withUnsafeMutableBufferPointer { sampler.score(token, in: $0, with: kernel) }
            guard let scored else { throw .failed(reason: "the model gave no usable logit") }
            positions.append(
                ScoredPosition(
                    token: token, logit: scored.logit, logProbabilities: pair(taken: token, designated, view),
                    candidates: scored.candidates))
        }
        return ScoreResult(positions: positions)
    }

    /// How many of the most probable tokens hold the 256 highest after penalties: so many more as penalties may push out, and
    /// all where they may lift any token.
    private func count(_ position: Int) -> Int {
        if sampling.presencePenalty < 0 || sampling.frequencyPenalty < 0 { return Int(size) }
        let isPlain = sampling.presencePenalty == 0 && sampling.frequencyPenalty == 0
        return SamplingParameters.candidateCount + (isPlain ? 0 : position)
    }

    /// The row has only the most probable, so what is noted is the server's word and not the sampler's.
    private func pair(taken: TokenID, _ designated: TokenID, _ view: PositionReader.View) -> LogProbabilityPair {
        LogProbabilityPair(taken: number(taken, view), designated: number(designated, view))
    }

    private func number(_ token: TokenID, _ view: PositionReader.View) -> Double {
        view.logProbabilities[token] ?? -.infinity
    }

    private func makeKernel() throws(EngineError) -> SamplingKernel {
        guard let kernel = SamplingKernel(vocabularySize: Int(size)) else { throw .failed(reason: "out of memory") }
        return kernel
    }
}
