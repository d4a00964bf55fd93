import EngineAPI
import Primitives
import ProtocolRules

/// A job that has a sequence of the context: what it fed, what it still has to feed, and what came out.
struct RunningJob {
    let job: Job
    /// Prompt and output so far.
    private(set) var tokens: [TokenID]
    private var fedCount = 0
    /// How many of the prompt's tokens came from what was kept.
    private var cachedCount = 0
    /// Nothing is fed before it is over.
    var wait: Wait?
    private var sampler: SequenceSampler
    private var characters = CharacterAssembler()
    /// The most tokens that an answer may have.
    private let outputMaximum: Int
    private var scored: [ScoredPosition] = []

    init(_ job: Job, contextTokens: Int) {
        self.job = job
        tokens = job.tokens
        switch job.work {
        case .generate(let request, _):
            sampler = SequenceSampler(
                sampling: request.sampling, seed: request.seed, constraints: job.constraints, begun: request.begun)
            outputMaximum = min(request.maximumTokens, contextTokens - request.prompt.count)
        case .score(let request, _):
            sampler = SequenceSampler(
                sampling: request.sampling, seed: request.seed, constraints: job.constraints)
            outputMaximum = request.output.count
        }
    }

    /// For another job to have read the first `count` tokens, which both have.
    struct Wait {
        let id: UInt64
        let count: Int
    }

    var isScore: Bool {
        switch job.work {
        case .generate: false
        case .score: true
        }
    }

    /// Whose requests it shares with; an audit shares with nobody.
    var scope: Hash32? {
        switch job.work {
        case .generate(let request, _): request.cacheScope
        case .score: nil
        }
    }

    /// What the context has of it.
    var fed: ArraySlice<TokenID> { tokens[..<fedCount] }

    /// What it was begun with.
    var promptTokens: [TokenID] { job.tokens }

    /// Whether more than the next token is still to be fed.
    var isReading: Bool { tokens.count - fedCount > 1 }

    /// The context has the first `count` tokens already; fewer than all.
    mutating func skip(_ count: Int) {
        fedCount = count
        if case .generate(let request, _) = job.work { cachedCount = min(count, request.prompt.count) }
    }

    /// What is still to be fed, as sequence `sequence`; nil while it waits.
    func pending(sequence: Int) -> StepPlanner.Pending? {
        guard wait == nil else { return nil }
        return StepPlanner.Pending(
            sequence: sequence, count: tokens.count - fedCount,
            countBeforeRows: max(0, job.countBeforeRows - fedCount), isUrgent: job.turn.priority == .user)
    }

    /// The next `count` tokens for the context, which counts as having them from now on.
    mutating func feed(_ count: Int, sequence: Int) -> [LlamaContext.Feed] {
        defer { fedCount += count }
        return (fedCount..<(fedCount + count)).map {
            LlamaContext.Feed(
                token: tokens[$0], position: $0, sequence: sequence, wantsRow: $0 >= job.countBeforeRows)
        }
    }

    /// Takes the next row of logits, in order. Returns whether the job is over; then its waiter has been told.
    mutating func take(
        _ row: UnsafeMutableBufferPointer<Float>, model: LlamaModel, kernel: SamplingKernel
    ) -> Bool {
        switch job.work {
        case .generate(let request, let continuation):
            generate(request, continuation, row, model: model, kernel: kernel)
        case .score(let request, let continuation):
            score(request, continuation, row, kernel: kernel)
        }
    }

    private mutating func generate(
        _ request: GenerateRequest, _ continuation: AsyncThrowingStream<GeneratedToken, any Error>.Continuation,
        _ row: UnsafeMutableBufferPointer<Float>, model: LlamaModel, kernel: SamplingKernel
    ) -> Bool {
        guard let (token, pair) = sampler.choose(from: row, with: kernel) else { return failOnRow() }
        let top = kernel.mostProbable(request.topLogProbabilities, in: UnsafeBufferPointer(row))
        tokens.append(token)
        let end: GenerationEnd? =
            if !request.ignoresEndTokens && model.endTokens.contains(token) {
                .endToken
            } else if Int(sampler.position) >= outputMaximum {
                .maximumTokens
            } else {
                nil
            }
        let text = characters.append(model.pieces[Int(token)]) + (end == nil ? "" : characters.finish())
        continuation.yield(
            GeneratedToken(
                token: token, text: text, logProbabilities: pair, end: end, top: top, cachedTokens: cachedCount))
        if end != nil { continuation.finish() }
        return end != nil
    }

    private mutating func score(
        _ request: ScoreRequest, _ continuation: AsyncThrowingStream<ScoreResult, any Error>.Continuation,
        _ row: UnsafeMutableBufferPointer<Float>, kernel: SamplingKernel
    ) -> Bool {
        guard let position = sampler.score(request.output[scored.count], in: row, with: kernel) else {
            return failOnRow()
        }
        scored.append(position)
        guard scored.count == outputMaximum else { return false }
        continuation.yield(ScoreResult(positions: scored))
        continuation.finish()
        return true
    }

    private func failOnRow() -> Bool {
        job.fail(.failed(reason: sampler.deadEnd))
        return true
    }
}
