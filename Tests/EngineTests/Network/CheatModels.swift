import Calibration
import EngineAPI
import Foundation
import LlamaEngine
import Testing

/// The model of record and cheaper copies of it, each opened once. Copies lie in a folder of their own until `close`.
final class CheatModels {
    private let source: String
    private let folder: URL
    private var engines: [ModelVariant: LlamaCppEngine] = [:]

    init() throws {
        source = try #require(RealModel.path)
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("gonka-cheats-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    func engine(_ variant: ModelVariant) throws -> LlamaCppEngine {
        if let engine = engines[variant] { return engine }
        let engine = try LlamaCppEngine(
            LlamaConfiguration(
                modelPath: try path(of: variant), model: variant.name, expectedFileHash: nil,
                parallelSequences: CheatModels.sequences, contextTokens: 64, threads: 1))
        engines[variant] = engine
        return engine
    }

    /// The most items that are made at once.
    static let sequences = 8

    private func path(of variant: ModelVariant) throws -> String {
        let (weights, layersCut): (CheaperCopy.Weights, Int) =
            switch variant {
            case .exact: (.f16, 0)
            case .q8_0: (.q8_0, 0)
            case .q4_1: (.q4_1, 0)
            case .q4_0: (.q4_0, 0)
            case .layersCut(let count): (.f16, count)
            }
        guard variant != .exact else { return source }
        let path = folder.appendingPathComponent("\(engines.count).gguf").path
        try CheaperCopy.write(from: source, to: path, weights: weights, layersCut: layersCut)
        return path
    }

    func close() async {
        for variant in engines.keys { await engines.removeValue(forKey: variant)?.stop() }
        try? FileManager.default.removeItem(at: folder)
    }
}
