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
        let configuration = try LlamaConfiguration(
            path: try settings.text(.modelFile), model: model, fileHash: fileHash, enginesAtOnce: count, settings)
        return try (0..<count).map { _ in try LlamaCppEngine(configuration) }
    }
}

extension LlamaConfiguration {
    /// What an operator's settings say of a model's engine.
    ///
    /// - Parameters:
    ///   - fileHash: what the file must have; nil for any.
    ///   - enginesAtOnce: that share the cores, of all models.
    init(path: String, model: String, fileHash: Hash32?, enginesAtOnce: Int, _ settings: Settings) throws {
        let threads = try settings.number(.threads)
        self.init(
            modelPath: path, model: model, expectedFileHash: fileHash,
            parallelSequences: try settings.number(.sequences), contextTokens: try settings.number(.contextTokens),
            threads: threads > 0 ? threads : Self.defaultThreads(enginesOnThisMachine: enginesAtOnce))
    }
}
