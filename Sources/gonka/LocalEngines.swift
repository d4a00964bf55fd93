import LlamaEngine
import Primitives

/// The model in this process, once or several times side by side.
enum LocalEngines {
    /// Loads `count` engines, which share the cores and the pages of the model's file.
    ///
    /// - Parameters:
    ///   - model: the id on the ledger.
    ///   - fileHash: what the file must have; nil for any.
    static func load(
        _ count: Int, model: String, fileHash: Hash32?, _ settings: Settings
    ) throws -> [LlamaCppEngine] {
        var configuration = LlamaConfiguration(
            modelPath: try settings.text(.modelFile), model: model, expectedFileHash: fileHash)
        configuration.parallelSequences = try settings.number(.sequences)
        configuration.contextTokens = try settings.number(.contextTokens)
        let threads = try settings.number(.threads)
        configuration.threads = threads > 0 ? threads : LlamaConfiguration.defaultThreads(enginesOnThisMachine: count)
        return try (0..<count).map { _ in try LlamaCppEngine(configuration) }
    }
}
