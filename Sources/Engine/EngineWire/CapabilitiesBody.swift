import EngineAPI
import Primitives
import ProtocolRules

/// What a node runs: the version of the interface, its first model, and all of them.
///
/// A node with one model need not list it; a host that knows no list uses the first.
public struct CapabilitiesBody: Codable, Sendable {
    let version: Int
    private let first: ModelBody
    private let models: [ModelBody]?

    private enum CodingKeys: String, CodingKey {
        case version, models
    }

    /// - Parameter engines: at least one, each with a model of its own.
    public init?(_ engines: [any Engine]) {
        let models = engines.map { ModelBody($0.capabilities, isLoaded: $0.isLoaded) }
        guard let first = models.first else { return nil }
        (version, self.first, self.models) = (EngineWire.version, first, models)
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        version = try container.decode(Int.self, forKey: .version)
        models = try container.decodeIfPresent([ModelBody].self, forKey: .models)
        first = try ModelBody(from: decoder)
    }

    public func encode(to encoder: any Encoder) throws {
        try first.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(version, forKey: .version)
        try container.encodeIfPresent(models, forKey: .models)
    }

    /// Whether requests may say which model they mean.
    public var listsModels: Bool { models != nil }

    /// - Parameter model: its id; nil for the node's first.
    /// - Throws: `EngineError.unsupported` naming the field that no engine of this network can have, or the model that is not there.
    public func capabilities(of model: String? = nil) throws(EngineError) -> EngineCapabilities {
        guard version == EngineWire.version else { throw .unsupported(field: "version \(version) of the interface") }
        guard let model, let models else { return try first.capabilities() }
        guard models.count <= Limits.modelsMax else { throw .unsupported(field: "models") }
        guard let found = models.first(where: { $0.model == model }) else {
            let names = models.map(\.model).joined(separator: ", ").prefix(Limits.reasonCharactersMax)
            throw .unsupported(field: "model \(model); it has \(names)")
        }
        return try found.capabilities()
    }
}

/// One model of a node: `EngineCapabilities`.
struct ModelBody: Codable, Sendable {
    let model: String
    /// 64 hex digits.
    let fileHash: String
    let vocabularySize: UInt32
    let contextTokens: Int
    let parallelSequences: Int
    let bindsTokensToSeed: Bool
    let endTokens: [TokenID]
    /// Missing for a node that always has it.
    let loaded: Bool?

    private enum CodingKeys: String, CodingKey {
        case model, loaded
        case fileHash = "file_hash"
        case vocabularySize = "vocabulary_size"
        case contextTokens = "context_tokens"
        case parallelSequences = "parallel_sequences"
        case bindsTokensToSeed = "binds_tokens_to_seed"
        case endTokens = "end_tokens"
    }

    init(_ capabilities: EngineCapabilities, isLoaded: Bool) {
        model = capabilities.model
        fileHash = "\(capabilities.fileHash)"
        vocabularySize = capabilities.vocabularySize
        contextTokens = capabilities.contextTokens
        parallelSequences = capabilities.parallelSequences
        bindsTokensToSeed = capabilities.bindsTokensToSeed
        endTokens = capabilities.endTokens
        loaded = isLoaded
    }

    func capabilities() throws(EngineError) -> EngineCapabilities {
        guard let hash = Hex.decode(fileHash).flatMap({ Hash32($0) }) else { throw .unsupported(field: "file_hash") }
        guard (1...Limits.vocabularyMax).contains(vocabularySize) else { throw .unsupported(field: "vocabulary_size") }
        guard (2...Limits.contextTokensMax).contains(contextTokens) else { throw .unsupported(field: "context_tokens") }
        guard (1...Limits.sequencesMax).contains(parallelSequences) else {
            throw .unsupported(field: "parallel_sequences")
        }
        guard endTokens.allSatisfy({ $0 < vocabularySize }), endTokens == endTokens.sorted() else {
            throw .unsupported(field: "end_tokens")
        }
        return EngineCapabilities(
            model: model, fileHash: hash, vocabularySize: vocabularySize, contextTokens: contextTokens,
            parallelSequences: parallelSequences, bindsTokensToSeed: bindsTokensToSeed, endTokens: endTokens)
    }
}

/// What each token stands for: `pieces[id]` in base64, empty for a control token.
public struct VocabularyBody: Codable, Sendable {
    public let pieces: [String]

    public init(_ pieces: [Bytes]) { self.pieces = pieces.map { Base64.encode($0) } }

    /// - Throws: `EngineError.unsupported` where it is not base64, or not of this size.
    public func pieces(count: UInt32) throws(EngineError) -> [Bytes] {
        let decoded = pieces.compactMap { Base64.decode($0) }
        guard decoded.count == pieces.count, decoded.count == Int(count) else {
            throw .unsupported(field: "vocabulary")
        }
        return decoded
    }
}
