import Calibration
import EngineAPI
import Foundation
import LlamaEngine

/// Opens a model and cheaper copies of it. A copy is made for each use and removed after it.
struct LlamaEngineSource: EngineSource {
    let modelPath: String
    let scratch: ScratchFolder

    func use<Result: Sendable>(
        _ recipe: EngineRecipe, _ work: @Sendable (any Engine) async throws -> Result
    ) async throws -> Result {
        let path = try copy(recipe.model)
        defer { if path != modelPath { try? FileManager.default.removeItem(atPath: path) } }
        let engine = try LlamaCppEngine(
            LlamaConfiguration(
                modelPath: path, model: recipe.model.name, expectedFileHash: nil,
                parallelSequences: recipe.sequences, contextTokens: recipe.contextTokens, threads: recipe.threads))
        return try await engine.stopping { try await work(engine) }
    }

    /// The file of a variant.
    private func copy(_ model: ModelVariant) throws -> String {
        let (weights, layersCut): (CheaperCopy.Weights, Int) =
            switch model {
            case .exact: (.f16, 0)
            case .q8_0: (.q8_0, 0)
            case .q4_1: (.q4_1, 0)
            case .q4_0: (.q4_0, 0)
            case .layersCut(let count): (.f16, count)
            }
        guard model != .exact else { return modelPath }
        let path = scratch.path + "/\(UUID().uuidString).gguf"
        try CheaperCopy.write(from: modelPath, to: path, weights: weights, layersCut: layersCut)
        return path
    }
}
