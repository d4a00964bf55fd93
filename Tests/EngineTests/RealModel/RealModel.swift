import CLlama
import Cryptography
import EngineAPI
import Foundation
import Primitives
import ProtocolRules
import Testing

@testable import LlamaEngine

/// The model that `make setup` installs, and what the tests with it share. Absent, they are skipped.
enum RealModel {
    /// `GONKA_MODEL`, or where `make setup` puts it.
    static let path: String? = {
        let environment = ProcessInfo.processInfo.environment
        let cache = environment["XDG_CACHE_HOME"] ?? "\(environment["HOME"] ?? "")/.cache"
        let path = environment["GONKA_MODEL"] ?? "\(cache)/gonka/models/SmolLM2-135M-Instruct-F16.gguf"
        return FileManager.default.fileExists(atPath: path) ? path : nil
    }()

    static let isThere = path != nil

    static let fileHash = Hex.decode("a269e3181fcbb25046f99f64ba8d3c159165b211c2ff4ffca7ba1bb219d2ccd0")
        .flatMap { Hash32($0) }

    /// One thread: tests run beside each other, and engines that share cores wait for each other by spinning.
    static func configuration(path: String, sequences: Int = 8, contextTokens: Int = 512) -> LlamaConfiguration {
        LlamaConfiguration(
            modelPath: path, model: "smollm2", expectedFileHash: nil, parallelSequences: sequences,
            contextTokens: contextTokens, threads: 1)
    }

    /// One engine for all tests: the model of record.
    static let engine = Result { try LlamaCppEngine(configuration(path: path ?? "")) }

    /// The model alone, for its vocabulary.
    static let model = Result { try LlamaModel(path: path ?? "") }

    /// A copy in another weight type, made once by llama.cpp's own quantiser and kept beside the model.
    static func copy(_ type: llama_ftype, named name: String) throws -> String {
        let source = try #require(path)
        let target = URL(fileURLWithPath: source).deletingLastPathComponent()
            .appendingPathComponent("SmolLM2-135M-Instruct-\(name).gguf").path
        if FileManager.default.fileExists(atPath: target) { return target }
        let unfinished = "\(target).tmp.\(ProcessInfo.processInfo.processIdentifier)"
        var parameters = llama_model_quantize_default_params()
        parameters.ftype = type
        parameters.allow_requantize = true
        try #require(llama_model_quantize(source, unfinished, &parameters) == 0)
        try FileManager.default.moveItem(atPath: unfinished, toPath: target)
        return target
    }

    static func prompt(_ question: String) throws -> [TokenID] {
        try engine.get().render([ChatMessage(role: .user, content: question)])
    }

    static func seed(_ number: UInt8) -> ItemSeed { ItemSeed(.sha256([number])) }

    static func generate(_ request: GenerateRequest, on engine: LlamaCppEngine) async throws -> [GeneratedToken] {
        try await engine.generate(request).reduce(into: []) { $0.append($1) }
    }
}
