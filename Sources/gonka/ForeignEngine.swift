import EngineAPI
import LlamaEngine
import LlamaServerEngine

/// The model on a llama-server.
enum ForeignEngine {
    /// Runs `work` with an engine that a server computes for, and closes its connections however that ends.
    ///
    /// - Parameters:
    ///   - url: the server's.
    ///   - file: what the server runs.
    static func using(
        _ url: String, _ file: ModelFiles.Named, _ work: (any Engine) async throws -> Void
    ) async throws {
        let vocabulary = try LlamaVocabulary(
            path: file.path, expectedFileHash: try DemoModel.hash(of: file.model))
        let engine = try await LlamaServerEngine(url: url, model: file.model, vocabulary: vocabulary)
        do {
            try await work(engine)
        } catch {
            try? await engine.close()
            throw error
        }
        try await engine.close()
    }
}
