import EngineAPI
import Primitives
import ProtocolRules

/// An engine without a model, for unit tests and for measuring everything around an engine. Never part of a network.
///
/// Its logits are a pure function of (weights, prompt, position, token), so it passes and fails the same checks as a real
/// model: an honest score has margin 0, another `weights` is another model. Its vocabulary is the 256 bytes and three
/// control tokens.
public struct ScriptedEngine: Engine {
    /// What the stub does before each token: wait, throw an `EngineError`, or hang until its task is cancelled.
    public typealias BeforeToken = @Sendable (_ position: Int) async throws -> Void

    public let capabilities: EngineCapabilities
    private let logits: StubLogits
    private let beforeToken: BeforeToken
    private let vocabulary = TokenVocabulary(
        pieces: (0..<StubToken.vocabularySize).map { UInt8(exactly: $0).map { [$0] } ?? [] }, endTokens: [StubToken.end]
    )

    /// - Parameters:
    ///   - model: the id that the capabilities state.
    ///   - fileHash: the hash that they state.
    ///   - answer: the text of every answer, ended by the end token; nil for letters chosen by the seed, without end.
    ///   - weights: which imaginary model this is.
    ///   - contextTokens: prompt and output together.
    ///   - parallelSequences: what the capabilities state; nothing here waits for a place.
    ///   - beforeToken: called before each token of `generate`.
    public init(
        model: String = "stub", fileHash: Hash32 = .zero, answer: String? = nil, weights: UInt64 = 0,
        contextTokens: Int = 2048, parallelSequences: Int = 64, beforeToken: @escaping BeforeToken = { _ in }
    ) {
        capabilities = EngineCapabilities(
            model: model, fileHash: fileHash, vocabularySize: StubToken.vocabularySize, contextTokens: contextTokens,
            parallelSequences: parallelSequences, bindsTokensToSeed: true, endTokens: [StubToken.end])
        logits = StubLogits(weights: weights, answer: answer.map { $0.utf8.map(TokenID.init) + [StubToken.end] })
        self.beforeToken = beforeToken
    }

    public func render(_ messages: [ChatMessage]) throws(EngineError) -> [TokenID] {
        try fitting(ChatTemplate.chatML.segments(for: messages).flatMap(StubToken.tokens))
    }

    public func tokenize(_ text: String) throws(EngineError) -> [TokenID] {
        try fitting(StubToken.tokens(of: .text(text)))
    }

    private func fitting(_ tokens: [TokenID]) throws(EngineError) -> [TokenID] {
        guard tokens.count < capabilities.contextTokens else {
            throw .promptTooLong(tokens: tokens.count, limit: capabilities.contextTokens)
        }
        return tokens
    }

    public func bytes(of token: TokenID) -> Bytes { UInt8(exactly: token).map { [$0] } ?? [] }

    public func generate(_ request: GenerateRequest) -> AsyncThrowingStream<GeneratedToken, any Error> {
        AsyncThrowingStream { continuation in
            let task = Task {
                do {
                    try await run(request) { continuation.yield($0) }
                    continuation.finish()
                } catch let error as EngineError {
                    continuation.finish(throwing: error)
                } catch {
                    continuation.finish(throwing: EngineError.cancelled)
                }
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }

    public func score(_ request: ScoreRequest) async throws(EngineError) -> ScoreResult {
        let length = request.prompt.count + request.output.count
        guard length <= capabilities.contextTokens else {
            throw .promptTooLong(tokens: length, limit: capabilities.contextTokens)
        }
        try check(request.prompt)
        guard !request.output.isEmpty else { throw .unsupported(field: "output") }
        let kernel = try makeKernel()
        var sampler = SequenceSampler(
            sampling: request.sampling, seed: request.seed, constraints: try vocabulary.prepare(request.constraints))
        let digest = TokenDigest.digest(of: request.prompt)
        var positions: [ScoredPosition] = []
        for (position, token) in request.output.enumerated() {
            guard token < StubToken.vocabularySize else { throw .unsupported(field: "output") }
            var row = logits.row(prompt: digest, position: position)
            let scored = row.withUnsafeMutableBufferPointer { sampler.score(token, in: $0, with: kernel) }
            guard let scored else { throw .failed(reason: "no usable logit") }
            positions.append(scored)
        }
        return ScoreResult(positions: positions)
    }

    public func embed(_ tokens: [TokenID]) async throws(EngineError) -> [Float] {
        guard tokens.count <= capabilities.contextTokens else {
            throw .promptTooLong(tokens: tokens.count, limit: capabilities.contextTokens)
        }
        try check(tokens)
        guard let embedding = Embedding.normalised(logits.hiddenSum(of: tokens)) else {
            throw .failed(reason: "no direction")
        }
        return embedding
    }

    private func run(_ request: GenerateRequest, yield: (GeneratedToken) -> Void) async throws {
        guard request.prompt.count < capabilities.contextTokens else {
            throw EngineError.promptTooLong(tokens: request.prompt.count, limit: capabilities.contextTokens)
        }
        try check(request.prompt)
        let room = min(request.maximumTokens, capabilities.contextTokens - request.prompt.count)
        guard room > request.begun.count else { throw EngineError.unsupported(field: "maximumTokens") }
        guard 0...GenerateRequest.topLogProbabilitiesMax ~= request.topLogProbabilities else {
            throw EngineError.unsupported(field: "topLogProbabilities")
        }
        let constraints = try vocabulary.prepare(
            request.constraints, begun: request.begun, ignoresEndTokens: request.ignoresEndTokens)
        var sampler = SequenceSampler(
            sampling: request.sampling, seed: request.seed, constraints: constraints, begun: request.begun)
        var characters = CharacterAssembler()
        let digest = TokenDigest.digest(of: request.prompt)
        for position in request.begun.count..<room {
            try await beforeToken(position)
            try Task.checkCancellation()
            let (token, pair, top) = try choose(&sampler, digest, position, top: request.topLogProbabilities)
            let isEnd = token == StubToken.end && !request.ignoresEndTokens
            let end: GenerationEnd? = isEnd ? .endToken : position == room - 1 ? .maximumTokens : nil
            let text = characters.append(bytes(of: token)) + (end == nil ? "" : characters.finish())
            yield(GeneratedToken(token: token, text: text, logProbabilities: pair, end: end, top: top))
            if end != nil { return }
        }
    }

    private func check(_ prompt: [TokenID]) throws(EngineError) {
        guard !prompt.isEmpty, prompt.allSatisfy({ $0 < StubToken.vocabularySize }) else {
            throw .unsupported(field: "prompt")
        }
    }

    private func choose(
        _ sampler: inout SequenceSampler, _ prompt: Hash32, _ position: Int, top count: Int
    ) throws(EngineError) -> (TokenID, LogProbabilityPair, top: [TokenLogProbability]) {
        let kernel = try makeKernel()
        var row = logits.row(prompt: prompt, position: position)
        let chosen = row.withUnsafeMutableBufferPointer { sampler.choose(from: $0, with: kernel) }
        guard let chosen else { throw .failed(reason: sampler.deadEnd) }
        let top = row.withUnsafeBufferPointer { kernel.mostProbable(count, in: $0) }
        return (chosen.token, chosen.logProbabilities, top)
    }

    private func makeKernel() throws(EngineError) -> SamplingKernel {
        guard let kernel = SamplingKernel(vocabularySize: Int(StubToken.vocabularySize)) else {
            throw .failed(reason: "out of memory")
        }
        return kernel
    }
}
