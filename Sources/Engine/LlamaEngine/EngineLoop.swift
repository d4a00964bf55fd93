import EngineAPI
import Logging

/// The engine's own thread: it alone touches the context, one step after the other, all sequences in each step.
///
/// A step takes milliseconds to seconds, which the cooperative pool could not bear.
final class EngineLoop {
    private let queue: JobQueue
    private let context: LlamaContext
    private let model: LlamaModel
    private let kernel: SamplingKernel
    private let contextTokens: Int
    private let failsStep: @Sendable (Int) -> Bool
    /// [sequence]: who has it.
    private var running: [RunningJob?]
    private var stepCount = 0
    private let embeddings: EmbeddingWork
    private let logger = Logger(label: "gonka.engine")

    init(
        queue: JobQueue, context: LlamaContext, model: LlamaModel, kernel: SamplingKernel,
        configuration: LlamaConfiguration
    ) {
        self.queue = queue
        self.context = context
        self.model = model
        self.kernel = kernel
        contextTokens = configuration.contextTokens
        failsStep = configuration.failsStep
        embeddings = EmbeddingWork(model: model, configuration: configuration)
        running = Array(repeating: nil, count: configuration.parallelSequences)
    }

    /// Works until the queue is stopped, then frees the context.
    func run() {
        // A user who comes while background work runs finds a place, if there is more than one.
        let reserved = running.count > 1 ? 1 : 0
        while let changes = queue.changes(
            places: running.count { $0 == nil }, reserved: reserved, embeds: embeddings.id == nil)
        {
            forget(changes.cancelled)
            begin(changes.begun)
            if let text = changes.embedding { embeddings.begin(text) }
            let isGenerating = running.contains { $0 != nil }
            if !isGenerating && embeddings.id == nil {
                queue.waitForChange()
                continue
            }
            if isGenerating { step() }
            embeddings.step()
        }
        for sequence in running.indices { end(sequence, with: .stopped) }
        embeddings.close(with: .stopped)
        context.close()
    }

    private func forget(_ ids: [UInt64]) {
        guard !ids.isEmpty else { return }
        if let id = embeddings.id, ids.contains(id) { embeddings.end(with: .cancelled) }
        for sequence in running.indices {
            if let job = running[sequence]?.job, ids.contains(job.id) { end(sequence, with: .cancelled) }
        }
    }

    private func begin(_ jobs: [Job]) {
        var jobs = jobs[...]
        for sequence in running.indices where running[sequence] == nil {
            guard let job = jobs.popFirst() else { return }
            running[sequence] = RunningJob(job, contextTokens: contextTokens)
        }
    }

    private func step() {
        let pending = running.indices.compactMap { running[$0]?.pending(sequence: $0) }
        let spans = StepPlanner.plan(pending, turn: stepCount)
        let feeds = spans.flatMap { running[$0.sequence]?.feed($0.count, sequence: $0.sequence) ?? [] }
        let status = failsStep(stepCount) ? -1 : context.decode(feeds)
        stepCount += 1
        guard status == 0 else {
            logger.error("a step failed", metadata: ["status": "\(status)", "tokens": "\(feeds.count)"])
            for span in spans { end(span.sequence, with: .failed(reason: "llama_decode returned \(status)")) }
            return
        }
        for (index, feed) in feeds.enumerated() where feed.wantsRow { take(row: index, for: feed.sequence) }
    }

    private func take(row index: Int, for sequence: Int) {
        guard let row = context.row(index) else { return end(sequence, with: .failed(reason: "a row is missing")) }
        if running[sequence]?.take(row, model: model, kernel: kernel) == true { release(sequence) }
    }

    private func end(_ sequence: Int, with error: EngineError) {
        guard let job = running[sequence]?.job else { return }
        job.fail(error)
        release(sequence)
    }

    private func release(_ sequence: Int) {
        running[sequence] = nil
        context.clear(sequence: sequence)
    }
}
