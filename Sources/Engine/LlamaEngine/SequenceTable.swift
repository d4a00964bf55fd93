import EngineAPI
import Primitives
import ProtocolRules

/// Who has which sequence of the context, and what each goes on from.
///
/// For the engine's own thread only, which hands in its context.
struct SequenceTable {
    /// [sequence]: who has it.
    private(set) var running: [RunningJob?]
    private var store: PrefixStore
    private let contextTokens: Int

    init(_ configuration: LlamaConfiguration) {
        running = Array(repeating: nil, count: configuration.parallelSequences)
        store = PrefixStore(bytesMax: configuration.prefixBytes)
        contextTokens = configuration.contextTokens
    }

    var freeCount: Int { running.count { $0 == nil } }
    var isEmpty: Bool { running.allSatisfy { $0 == nil } }

    subscript(sequence: Int) -> RunningJob? {
        get { running[sequence] }
        set { running[sequence] = newValue }
    }

    /// The sequence of a job.
    func sequence(of id: UInt64) -> Int? { running.firstIndex { $0?.job.id == id } }

    /// Gives each job the first free sequence, as many as there are.
    mutating func begin(_ jobs: [Job], in context: LlamaContext) {
        var jobs = jobs[...]
        for sequence in running.indices where running[sequence] == nil {
            guard let job = jobs.popFirst() else { return }
            running[sequence] = RunningJob(job, contextTokens: contextTokens)
            resume(sequence, in: context)
        }
    }

    /// Ends a sequence's part. What it read stays for its scope, unless it failed.
    mutating func release(_ sequence: Int, in context: LlamaContext, keeps: Bool = true) {
        if keeps { keep(sequence, of: context) }
        running[sequence] = nil
        context.clear(sequence: sequence)
    }

    /// Forgets who runs; the context is gone.
    mutating func removeAll() -> [RunningJob] {
        defer { running = Array(repeating: nil, count: running.count) }
        return running.compactMap { $0 }
    }

    /// Lets those go on whose wait for another sequence's prompt is over.
    mutating func endWaits(in context: LlamaContext) {
        for sequence in running.indices {
            guard let wait = running[sequence]?.wait else { continue }
            if let source = self.sequence(of: wait.id), let job = running[source] {
                guard job.fed.count >= wait.count else { continue }
                keep(source, of: context)
            }
            running[sequence]?.wait = nil
            resume(sequence, in: context)
        }
    }

    /// Moves the last sequence to the first free place before it: llama.cpp computes sequences together only where they stand
    /// side by side, and reads all weights once more for each gap. Scores stay where they are.
    mutating func closeGap(in context: LlamaContext) {
        guard let first = running.firstIndex(where: { $0 != nil }), let last = running.lastIndex(where: { $0 != nil }),
            let gap = running[first...last].firstIndex(where: { $0 == nil }), let job = running[last], !job.isScore,
            job.wait == nil, job.fed.count <= Limits.movedTokensMax, context.restore(context.state(of: last), to: gap)
        else { return }
        running[gap] = job
        running[last] = nil
        context.clear(sequence: last)
    }

    /// Goes on from what is kept, or waits for one that just reads the same.
    private mutating func resume(_ sequence: Int, in context: LlamaContext) {
        guard store.keepsAny, let job = running[sequence], let scope = job.scope else { return }
        let kept = store.sharedCount(scope, job.tokens)
        for other in running.indices where other != sequence {
            guard let source = running[other], source.scope == scope, source.wait == nil, source.isReading else {
                continue
            }
            let shared = min(PrefixStore.commonCount(source.promptTokens, job.tokens), job.tokens.count - 1)
            guard shared >= max(kept, source.fed.count) + Limits.sharedTokensMin else { continue }
            running[sequence]?.wait = RunningJob.Wait(id: source.job.id, count: shared)
            return
        }
        guard let (state, count) = store.take(scope, job.tokens) else { return }
        guard context.restore(state, to: sequence), context.cut(sequence: sequence, to: count) else {
            return context.clear(sequence: sequence)
        }
        running[sequence]?.skip(count)
    }

    private mutating func keep(_ sequence: Int, of context: LlamaContext) {
        guard store.keepsAny, let job = running[sequence], let scope = job.scope,
            job.fed.count >= Limits.sharedTokensMin, !store.holds(scope, job.fed)
        else { return }
        store.keep(scope, job.fed, context.state(of: sequence))
    }
}
