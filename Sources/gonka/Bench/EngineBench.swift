import EngineAPI
import LlamaEngine

/// The engine against llama.cpp's own batched decode in the same process.
struct EngineBench {
    let modelPath: String
    let pairs: Int

    func run() async throws {
        let configuration = LlamaConfiguration(modelPath: modelPath, model: DemoModel.id, expectedFileHash: nil)
        StandardOutput.write("Engine, decode tokens per second, against llama.cpp's batch loop with greedy choice:\n\n")
        let rows = try await EngineBenchmark(configuration, pairs: pairs).run { row in
            StandardError.write("  measured \(row.sequences) sequences\n")
        }
        StandardOutput.write(
            Output.table(
                ["sequences", "engine", "llama.cpp", "ratio"],
                rows.map {
                    [
                        "\($0.sequences)", Figure.whole($0.engineTokensPerSecond), Figure.whole($0.bareTokensPerSecond),
                        Figure.hundredths($0.ratio),
                    ]
                }))
    }
}

/// Figures as people read them.
enum Figure {
    static func whole(_ value: Double) -> String { "\(Int(value.rounded()))" }

    static func hundredths(_ value: Double) -> String {
        let hundredths = Int((value * 100).rounded())
        return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
    }
}
