import EngineAPI
import Logging

/// The engine's own thread: it alone touches the context, one step after the other, all sequences in each step.
///
/// A step takes milliseconds to seconds, which the cooperative pool could not bear. Steps that fail again and again, and one
/// that was given up as endless, cost the requests in hand; then the context is made anew.
final class EngineLoop {
    private let queue: JobQueue
    private let watch: StepWatch
    private let model: LlamaModel
    private let kernel: SamplingKernel
    private let configuration: LlamaConfiguration
    private let embeddings: EmbeddingWork
    private var context: LlamaContext
    private var table: SequenceTable
    private var stepCount = 0
    private var rebuildCount = 0
    /// Steps that failed one after the other.
    private var failedSteps = 0
    private let logger = Logger(label: "gonka.engine")

    init(
        queue: JobQueue, watch: StepWatch, context: LlamaContext, model: LlamaModel, kernel: SamplingKernel,
        configuration: LlamaConfiguration
    ) {
        self.queue = queue
        self.watch = watch
        self.context = context
        self.model = model
        self.kernel = kernel
        self.configuration = configuration
        table = SequenceTable(configuration)
        embeddings = EmbeddingWork(model: model, configuration: configuration)
    }

    /// Works until the queue is stopped, then frees the context.
    func run() {
        // A user who comes while background work runs finds a place, if there is more than one.
        let reserved = table.running.count > 1 ? 1 : 0
        while let changes = queue.changes(
            places: table.freeCount, reserved: reserved, embeds: embeddings.id == nil)
        {
            forget(changes.cancelled)
            table.begin(changes.begun, in: context)
            if let text = changes.embedding { embeddings.begin(text) }
            if table.isEmpty && embeddings.id == nil { queue.waitForChange() } else { work() }
        }
        endAll(with: .stopped)
        context.close()
    }

    /// One step of everything that is in hand.
    private func work() {
        watch.begin()
        if !table.isEmpty { step() }
        if let id = embeddings.id {
            embeddings.step()
            if embeddings.id == nil { queue.noteEnd(id) }
        }
        let wasGivenUp = watch.end()
        if wasGivenUp { rebuild(since: "a step took too long") }
        if failedSteps >= Limits.failedStepsMax { rebuild(since: "\(failedSteps) steps failed") }
    }

    private func step() {
        table.endWaits(in: context)
        table.closeGap(in: context)
        let pending = table.running.indices.compactMap { table[$0]?.pending(sequence: $0) }
        let spans = StepPlanner.plan(pending, turn: stepCount)
        let feeds = spans.flatMap { table[$0.sequence]?.feed($0.count, sequence: $0.sequence) ?? [] }
        let status = configuration.failsStep(stepCount) ? -1 : context.decode(feeds)
        stepCount += 1
        guard status == 0 else {
            failedSteps += 1
            logger.error("a step failed", metadata: ["status": "\(status)", "tokens": "\(feeds.count)"])
            for span in spans { end(span.sequence, with: .failed(reason: "llama_decode returned \(status)")) }
            return
        }
        failedSteps = 0
        for (index, feed) in feeds.enumerated() where feed.wantsRow { take(row: index, for: feed.sequence) }
    }

    private func take(row index: Int, for sequence: Int) {
        guard let row = context.row(index) else { return end(sequence, with: .failed(reason: "a row is missing")) }
        guard let id = table[sequence]?.job.id, table[sequence]?.take(row, model: model, kernel: kernel) == true else {
            return
        }
        table.release(sequence, in: context)
        queue.noteEnd(id)
    }

    private func forget(_ ids: [UInt64]) {
        for id in ids {
            if embeddings.id == id { embeddings.end(with: .cancelled) }
            if let sequence = table.sequence(of: id) {
                table[sequence]?.job.fail(.cancelled)
                table.release(sequence, in: context)
            }
            queue.noteEnd(id)
        }
    }

    private func end(_ sequence: Int, with error: EngineError) {
        guard let job = table[sequence]?.job else { return }
        job.fail(error)
        table.release(sequence, in: context, keeps: false)
        queue.noteEnd(job.id)
    }

    private func endAll(with error: EngineError) {
        if let id = embeddings.id { queue.noteEnd(id) }
        embeddings.close(with: error)
        for running in table.removeAll() {
            running.job.fail(error)
            queue.noteEnd(running.job.id)
        }
    }

    /// Ends what is in hand and makes the context anew, however often it takes: meanwhile the queue refuses.
    private func rebuild(since reason: String) {
        logger.error("the context is made anew", metadata: ["reason": "\(reason)"])
        endAll(with: .failed(reason: reason))
        context.close()
        repeat {
            let attempt = rebuildCount
            rebuildCount += 1
            do throws(EngineError) {
                if configuration.failsRebuild(attempt) { throw .failed(reason: "no memory") }
                context = try LlamaContext(model: model, configuration: configuration)
                failedSteps = 0
                return queue.mend()
            } catch {
                logger.error("there is no context", metadata: ["error": "\(error)"])
                queue.breakOff(with: .failed(reason: "the engine's context cannot be made anew"))
            }
        } while !queue.waitForStop(seconds: Limits.rebuildPauseSeconds)
    }
}
