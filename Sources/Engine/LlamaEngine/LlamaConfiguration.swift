import EngineAPI
import Foundation
import Primitives

/// What to load, and how much of the machine to use for it.
public struct LlamaConfiguration: Sendable {
    /// A GGUF file.
    public var modelPath: String
    /// The model's id in the ledger's record.
    public var model: String
    /// The record's file hash; nil accepts any file (`--any-model`).
    public var expectedFileHash: Hash32?
    public var chatTemplate: ChatTemplate
    /// Sequences that run at once, in [1, 256].
    public var parallelSequences: Int
    /// Prompt and output of one sequence, in tokens. Each token of each sequence costs 23 kB in F16 with the 135M model:
    /// the default of 8 sequences of 2048 tokens takes 377 MB, the 8192 tokens that the model can do would take 1.5 GB.
    public var contextTokens: Int
    /// Memory for what is kept of earlier prompts, in bytes; 0 keeps nothing. A token takes 23 kB with the 135M model: the default
    /// of 512 MiB keeps 23,000 tokens.
    public var prefixBytes = 512 << 20
    /// Threads that compute, the engine's own included.
    public var threads: Int

    /// How long a step may take before the engine says that it is unusable: longer than any host waits for a token, so that a
    /// machine that is only slow is not given up.
    public var stepLimit = Duration.seconds(120)

    /// Tests make a step fail by it, or last: called with the step's number, from 0.
    var failsStep: @Sendable (Int) -> Bool = { _ in false }
    /// Tests make the context's making anew fail by it: called with the number of the attempt, from 0.
    var failsRebuild: @Sendable (Int) -> Bool = { _ in false }

    public init(
        modelPath: String, model: String, expectedFileHash: Hash32?, chatTemplate: ChatTemplate = .chatML,
        parallelSequences: Int = 8, contextTokens: Int = 2048, threads: Int = defaultThreads(enginesOnThisMachine: 1)
    ) {
        self.modelPath = modelPath
        self.model = model
        self.expectedFileHash = expectedFileHash
        self.chatTemplate = chatTemplate
        self.parallelSequences = parallelSequences
        self.contextTokens = contextTokens
        self.threads = threads
    }

    /// max(1, ⌊cores ÷ engines⌋). Threads beyond the cores wait for each other by spinning: two engines with two threads
    /// each on two cores fall to a third of their speed.
    public static func defaultThreads(enginesOnThisMachine engines: Int) -> Int {
        max(1, ProcessInfo.processInfo.activeProcessorCount / max(1, engines))
    }
}
