import EngineAPI
import Foundation
import LlamaEngine

/// The engine against llama.cpp's own batched decode in the same process.
struct EngineBench {
    let modelPath: String
    let quick: Bool

    func run() async throws -> [BenchPart] {
        guard FileManager.default.fileExists(atPath: modelPath) else {
            throw OperatorError("there is no model at \(modelPath); run `make setup`, or name one with --model.")
        }
        let configuration = LlamaConfiguration(modelPath: modelPath, model: DemoModel.id, expectedFileHash: nil)
        let rows = try await EngineBenchmark(configuration, pairs: quick ? 1 : 7).run { row in
            StandardError.write("  measured \(row.sequences) sequences\n")
        }
        return [
            BenchPart(
                name: "engine",
                title: "Engine, decode tokens per second, against llama.cpp's batch loop with greedy choice in turns",
                columns: ["sequences", "engine tokens/s", "llama.cpp tokens/s", "ratio", "aim", "first token s"],
                rows: rows.map {
                    [
                        .count($0.sequences), .figure($0.engineTokensPerSecond, decimals: 1),
                        .figure($0.bareTokensPerSecond, decimals: 1), .figure($0.ratio, decimals: 3),
                        .figure(0.95, decimals: 2), .figure($0.firstTokenSeconds, decimals: 3),
                    ]
                })
        ]
    }
}
