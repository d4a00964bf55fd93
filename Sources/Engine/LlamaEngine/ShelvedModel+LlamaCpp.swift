import Dispatch
import EngineAPI
import Primitives
import ProtocolRules

extension ShelvedModel {
    /// A GGUF file that llama.cpp loads into this process. Reads the file for its hash, and its vocabulary; blocks meanwhile.
    ///
    /// Each load reads the file for its hash again: what was signed for is what computes.
    ///
    /// - Parameter engines: how many run side by side, at least 1; they share the file's pages.
    /// - Throws: `.wrongModelFile` with both hashes, `.unusableModel`, `.unsupported` for a count out of range.
    public static func llamaCpp(
        _ configuration: LlamaConfiguration, engines count: Int = 1
    ) throws(EngineError) -> ShelvedModel {
        try LlamaCppEngine.check(configuration)
        let path = configuration.modelPath
        let hash = try ModelFile.verifiedHash(path: path, expected: configuration.expectedFileHash)
        let model = try LlamaModel(path: path, loadsWeights: false)
        let vocabulary = try LlamaVocabulary(model, hash, configuration.chatTemplate, path: path)
        var configuration = configuration
        configuration.expectedFileHash = hash
        let capabilities = EngineCapabilities(
            model: configuration.model, fileHash: hash, vocabularySize: model.vocabularySize,
            contextTokens: configuration.contextTokens, parallelSequences: count * configuration.parallelSequences,
            bindsTokensToSeed: true, endTokens: model.endTokens)
        return ShelvedModel(
            capabilities: capabilities, vocabulary: vocabulary,
            bytes: try ModelMemory(model, path: path).bytes(configuration, engines: count)
        ) { [configuration] () async throws(EngineError) in
            var engines: [LlamaCppEngine] = []
            do throws(EngineError) {
                for _ in 0..<count { engines.append(try await LlamaCppEngine.load(configuration)) }
            } catch {
                for engine in engines { await engine.stop() }
                throw error
            }
            guard let engine = EnginePool.single(engines) else {
                throw .unusableModel(path: path, reason: "no engine was asked for")
            }
            return ShelvedModel.Loaded(engine) { [engines] in for engine in engines { await engine.stop() } }
        }
    }
}

extension LlamaCppEngine {
    /// `init` on a thread that may block.
    static func load(_ configuration: LlamaConfiguration) async throws(EngineError) -> LlamaCppEngine {
        let result = await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(
                    returning: Result { () throws(EngineError) in try LlamaCppEngine(configuration) })
            }
        }
        return try result.get()
    }
}
