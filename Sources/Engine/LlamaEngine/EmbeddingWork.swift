import EngineAPI
import ProtocolRules

/// The engine thread's part that embeds: one text at a time, a few tokens between two steps of those who generate.
final class EmbeddingWork {
    private struct Current {
        let job: EmbeddingJob
        var fedCount = 0
        var sum: [Double] = []
    }

    private let model: LlamaModel
    private let configuration: LlamaConfiguration
    /// Made when it is first needed: most engines are never asked.
    private var context: EmbeddingContext?
    private var current: Current?

    init(model: LlamaModel, configuration: LlamaConfiguration) {
        self.model = model
        self.configuration = configuration
    }

    /// The job in hand.
    var id: UInt64? { current?.job.id }

    /// Takes the next job; none is in hand.
    func begin(_ job: EmbeddingJob) { current = Current(job: job) }

    /// Feeds the next tokens of the job in hand.
    func step() {
        guard var next = current else { return }
        do throws(EngineError) {
            let context = try openContext()
            let tokens = next.job.tokens[next.fedCount...].prefix(Limits.embeddedTokens)
            let sum = try context.sum(of: tokens, at: next.fedCount)
            next.sum = next.sum.isEmpty ? sum : zip(next.sum, sum).map(+)
            next.fedCount += tokens.count
            current = next
            guard next.fedCount == next.job.tokens.count else { return }
            guard let embedding = Embedding.normalised(next.sum) else {
                throw .failed(reason: "the model gave no usable hidden state")
            }
            next.job.continuation.yield(embedding)
            next.job.continuation.finish()
            release()
        } catch {
            end(with: error)
        }
    }

    /// Ends the job in hand without a result.
    func end(with error: EngineError) {
        current?.job.fail(error)
        release()
    }

    private func release() {
        current = nil
        context?.clear()
    }

    private func openContext() throws(EngineError) -> EmbeddingContext {
        if let context { return context }
        let made = try EmbeddingContext(model: model, configuration: configuration)
        context = made
        return made
    }

    /// Frees llama.cpp's memory, and what is in hand ends with `error`.
    func close(with error: EngineError) {
        end(with: error)
        context = nil
    }
}
