import EngineAPI
import LlamaEngine
import LlamaServerEngine

/// The model on a llama-server.
enum ForeignEngine {
    /// Runs `work` with an engine that a server computes for, and closes its connections however that ends.
    ///
    /// - Parameters:
    ///   - url: the server's.
    ///   - model: the id on the ledger.
    static func using(
        _ url: String, model: String, _ settings: Settings, _ work: (any Engine) async throws -> Void
    ) async throws {
        let vocabulary = try LlamaVocabulary(
            path: try settings.text(.modelFile), expectedFileHash: try DemoModel.hash(of: model))
        let engine = try await LlamaServerEngine(url: url, model: model, vocabulary: vocabulary)
        do {
            try await work(engine)
        } catch {
            try? await engine.close()
            throw error
        }
        try await engine.close()
    }
}
