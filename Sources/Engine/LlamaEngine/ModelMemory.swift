import CLlama
import EngineAPI
import Foundation

/// What a model takes while it is loaded, from what its file says of itself.
struct ModelMemory {
    /// Of K and V together, in F16; 0 where the file does not say.
    let bytesPerToken: Int
    let fileBytes: Int
    let vocabularySize: Int

    /// - Parameter model: may be without its weights.
    init(_ model: LlamaModel, path: String) throws(EngineError) {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        guard let size = attributes?[.size] as? NSNumber else {
            throw .unusableModel(path: path, reason: "its size is not known")
        }
        fileBytes = size.intValue
        vocabularySize = Int(model.vocabularySize)
        bytesPerToken = Self.bytesPerToken(model) ?? 0
    }

    /// An upper bound, but for what the library needs for a step, which is counted as `stepBytes`.
    ///
    /// - Parameter engines: that share the file's pages.
    func bytes(_ configuration: LlamaConfiguration, engines: Int) -> Int {
        let cache = configuration.parallelSequences * configuration.contextTokens * bytesPerToken
        let rows = (Limits.scoredRows + configuration.parallelSequences) * vocabularySize * MemoryLayout<Float>.size
        return fileBytes + engines * (cache + configuration.prefixBytes + rows + Self.stepBytes)
    }

    /// The library's own, for a step of 512 tokens.
    private static let stepBytes = 64 << 20
    /// Beyond these no model of today goes; a file may say anything.
    private static let numberMax = 1 << 20

    private static func bytesPerToken(_ model: LlamaModel) -> Int? {
        guard let architecture = model.metadata("general.architecture") else { return nil }
        func number(_ key: String) -> Int? {
            model.metadata(architecture + "." + key).flatMap { Int($0) }.flatMap { 1...numberMax ~= $0 ? $0 : nil }
        }
        guard let layers = number("block_count"), let heads = number("attention.head_count"),
            let width = number("embedding_length")
        else { return nil }
        let key = number("attention.key_length") ?? width / heads
        let value = number("attention.value_length") ?? width / heads
        let (sum, isTooLarge) = (layers * (number("attention.head_count_kv") ?? heads))
            .multipliedReportingOverflow(by: (key + value) * MemoryLayout<UInt16>.size)
        return isTooLarge || sum > bytesPerTokenMax ? nil : sum
    }

    /// A thousand times that of the 135M model.
    private static let bytesPerTokenMax = 32 << 20
}

extension LlamaModel {
    /// What the file says under `key`, up to 127 bytes of it; nil where it says nothing.
    func metadata(_ key: String) -> String? {
        var buffer = [CChar](repeating: 0, count: 128)
        let length = llama_model_meta_val_str(pointer, key, &buffer, buffer.count)
        guard length >= 0 else { return nil }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

extension LlamaConfiguration {
    /// Bytes that the model takes while it is loaded, about. Reads the file's vocabulary.
    ///
    /// - Parameter engines: that run side by side.
    /// - Throws: `.unusableModel`.
    public func memoryBytes(engines: Int) throws(EngineError) -> Int {
        try ModelMemory(try LlamaModel(path: modelPath, loadsWeights: false), path: modelPath).bytes(
            self, engines: engines)
    }
}
