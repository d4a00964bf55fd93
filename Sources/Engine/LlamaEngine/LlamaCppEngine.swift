import EngineAPI
import Foundation
import Primitives
import ProtocolRules

/// A model run by llama.cpp in this process, many sequences at once.
///
/// One thread of its own owns llama.cpp's context and steps all sequences together; prompts are read in pieces between
/// the steps. Requests come and go through a bounded queue. Dropping the last reference ends what runs with `.stopped`.
public final class LlamaCppEngine: Engine {
    public let capabilities: EngineCapabilities
    private let vocabulary: LlamaVocabulary
    /// What requests are constrained by.
    private let masks: TokenVocabulary
    private let queue: JobQueue
    private let watch: StepWatch
    private let finished: AsyncStream<Void>

    /// Reads and checks the model's file, loads it and computes one token with it. Blocks for a second or more.
    ///
    /// - Throws: `.wrongModelFile` with both hashes, `.unusableModel`, `.unsupported` for a count out of range.
    public init(_ configuration: LlamaConfiguration) throws(EngineError) {
        try Self.check(configuration)
        let hash = try ModelFile.verifiedHash(path: configuration.modelPath, expected: configuration.expectedFileHash)
        let model = try LlamaModel(path: configuration.modelPath)
        vocabulary = try LlamaVocabulary(model, hash, configuration.chatTemplate, path: configuration.modelPath)
        let context = try LlamaContext(model: model, configuration: configuration)
        capabilities = EngineCapabilities(
            model: configuration.model, fileHash: hash, vocabularySize: model.vocabularySize,
            contextTokens: configuration.contextTokens, parallelSequences: configuration.parallelSequences,
            bindsTokensToSeed: true, endTokens: model.endTokens)
        masks = TokenVocabulary(pieces: model.pieces, endTokens: model.endTokens)
        queue = JobQueue()
        (watch, finished) = try Self.startThread(queue, context, model, configuration)
    }

    deinit { queue.stop() }

    /// Ends what runs and what waits with `.stopped`, and returns when the thread has freed llama.cpp's context: a
    /// process that exits earlier would pull the library from under it. A thread that hangs is not waited for.
    public func stop() async {
        queue.stop()
        if watch.isHung { return }
        for await _ in finished {}
    }

    public func render(_ messages: [ChatMessage]) throws(EngineError) -> [TokenID] {
        try vocabulary.render(messages, contextTokens: capabilities.contextTokens)
    }

    public func tokenize(_ text: String) throws(EngineError) -> [TokenID] {
        try vocabulary.tokenize(text, contextTokens: capabilities.contextTokens)
    }

    public func bytes(of token: TokenID) -> Bytes { vocabulary.bytes(of: token) }

    public func generate(_ request: GenerateRequest) -> AsyncThrowingStream<GeneratedToken, any Error> {
        // Unbounded, and yet bounded by the context: the engine does not wait for slow readers.
        AsyncThrowingStream { continuation in
            if let refusal = refusal(prompt: request.prompt, output: request.begun, leastRoom: 1) {
                return continuation.finish(throwing: refusal)
            }
            guard request.maximumTokens > request.begun.count else {
                return continuation.finish(throwing: EngineError.unsupported(field: "maximumTokens"))
            }
            guard 0...GenerateRequest.topLogProbabilitiesMax ~= request.topLogProbabilities else {
                return continuation.finish(throwing: EngineError.unsupported(field: "topLogProbabilities"))
            }
            do throws(EngineError) {
                let constraints = try masks.prepare(
                    request.constraints, begun: request.begun, ignoresEndTokens: request.ignoresEndTokens)
                let job = Job(
                    id: queue.makeID(), work: .generate(request, continuation), constraints: constraints)
                continuation.onTermination = { [queue] reason in
                    if case .cancelled = reason { queue.cancel(job.id) }
                }
                queue.submit(job)
            } catch {
                continuation.finish(throwing: error)
            }
        }
    }

    public func score(_ request: ScoreRequest) async throws(EngineError) -> ScoreResult {
        if let refusal = refusal(prompt: request.prompt, output: request.output, leastRoom: 0) { throw refusal }
        guard !request.output.isEmpty else { throw .unsupported(field: "output") }
        let constraints = try masks.prepare(request.constraints)
        return try await result { queue, id, continuation in
            queue.submit(Job(id: id, work: .score(request, continuation), constraints: constraints))
        }
    }

    public func embed(_ tokens: [TokenID]) async throws(EngineError) -> [Float] {
        if let refusal = refusal(prompt: tokens, output: [], leastRoom: 0) { throw refusal }
        return try await result { queue, id, continuation in
            queue.submit(EmbeddingJob(id: id, tokens: tokens, continuation: continuation))
        }
    }

    /// The one result of a job that `submit` puts in line; ends it where nobody waits any more.
    private func result<Value: Sendable>(
        _ submit: (JobQueue, UInt64, AsyncThrowingStream<Value, any Error>.Continuation) -> Void
    ) async throws(EngineError) -> Value {
        // A stream of one result: its end by cancellation always comes after the job was submitted.
        let results = AsyncThrowingStream<Value, any Error> { continuation in
            let id = queue.makeID()
            continuation.onTermination = { [queue] reason in
                if case .cancelled = reason { queue.cancel(id) }
            }
            submit(queue, id, continuation)
        }
        do {
            for try await result in results { return result }
        } catch let error as EngineError {
            throw error
        } catch {
            throw .failed(reason: "\(error)")
        }
        throw .cancelled
    }

    /// Why prompt and output cannot be fed, or nil: the lengths, and ids that llama.cpp would read out of bounds for.
    private func refusal(prompt: [TokenID], output: [TokenID], leastRoom: Int) -> EngineError? {
        if prompt.isEmpty { return .unsupported(field: "prompt") }
        let length = prompt.count + output.count
        if length + leastRoom > capabilities.contextTokens {
            return .promptTooLong(tokens: length, limit: capabilities.contextTokens)
        }
        if prompt.contains(where: { $0 >= capabilities.vocabularySize }) { return .unsupported(field: "prompt") }
        if output.contains(where: { $0 >= capabilities.vocabularySize }) { return .unsupported(field: "output") }
        return nil
    }
}

extension LlamaCppEngine {
    static func check(_ configuration: LlamaConfiguration) throws(EngineError) {
        guard 1...Limits.sequences ~= configuration.parallelSequences else {
            throw .unsupported(field: "parallelSequences")
        }
        guard configuration.contextTokens > 1 else { throw .unsupported(field: "contextTokens") }
        guard configuration.threads > 0 else { throw .unsupported(field: "threads") }
    }

    /// Starts the engine's thread; the stream it returns ends when the thread does, or hangs and shall stop.
    private static func startThread(
        _ queue: JobQueue, _ context: LlamaContext, _ model: LlamaModel, _ configuration: LlamaConfiguration
    ) throws(EngineError) -> (StepWatch, AsyncStream<Void>) {
        let path = configuration.modelPath
        // The first step reads the weights from the disk; here nobody waits for an answer.
        let warmUp = LlamaContext.Feed(token: model.endTokens.first ?? 0, position: 0, sequence: 0, wantsRow: true)
        guard context.decode([warmUp]) == 0 else { throw .unusableModel(path: path, reason: "it does not compute") }
        context.clear(sequence: 0)
        let (finished, continuation) = AsyncStream<Void>.makeStream()
        let watch = StepWatch(limit: configuration.stepLimit) {
            queue.breakOff(with: .failed(reason: "a step takes more than \(configuration.stepLimit)"))
            if queue.isStopped { continuation.finish() }
        }
        let thread = Thread {
            if let kernel = SamplingKernel(vocabularySize: Int(model.vocabularySize)) {
                EngineLoop(
                    queue: queue, watch: watch, context: context, model: model, kernel: kernel,
                    configuration: configuration
                ).run()
            }
            continuation.finish()
        }
        thread.name = "gonka-engine"
        thread.start()
        return (watch, finished)
    }
}
