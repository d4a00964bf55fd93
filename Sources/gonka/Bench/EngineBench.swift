import EngineAPI
import Foundation
import Grammar
import LlamaEngine
import WireFormat

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
                }),
            try masks(),
        ]
    }

    /// What grammars cost beside the model: masks met first, and met again.
    private func masks() throws -> BenchPart {
        let bench = try MaskBenchmark(modelPath: modelPath, tokens: quick ? 32 : 256)
        let schema: JSONValue = [
            "type": "object",
            "properties": [
                "name": ["type": "string"], "age": ["type": "integer", "minimum": 0, "maximum": 150],
                "tags": ["type": "array", "items": ["enum": ["red", "green", "blue"]]],
            ], "required": ["name", "age", "tags"], "additionalProperties": .boolean(false),
        ]
        let grammars = [
            ("any JSON object", try JSONSchemaGrammar.jsonObject()),
            ("a schema of three members", try JSONSchemaGrammar.grammar(for: schema)),
            (
                "a string of at most 4,000 characters",
                try JSONSchemaGrammar.grammar(for: ["type": "string", "maxLength": 4000])
            ),
        ]
        let rows = try grammars.map { try bench.row($0.0, gbnf: $0.1) }
        return BenchPart(
            name: "masks",
            title: "Grammars, microseconds for the choice of one token",
            columns: ["grammar", "without", "masks met first", "met again"],
            rows: rows.map {
                [
                    .text($0.name), .figure($0.plain, decimals: 0), .figure($0.first, decimals: 0),
                    .figure($0.again, decimals: 0),
                ]
            })
    }
}
