import EngineAPI
import Primitives
import ProtocolRules

/// What a node runs: `EngineCapabilities`, and the version of the interface.
public struct CapabilitiesBody: Codable, Sendable {
    public let version: Int
    public let model: String
    /// 64 hex digits.
    public let fileHash: String
    public let vocabularySize: UInt32
    public let contextTokens: Int
    public let parallelSequences: Int
    public let bindsTokensToSeed: Bool
    public let endTokens: [TokenID]

    private enum CodingKeys: String, CodingKey {
        case version, model
        case fileHash = "file_hash"
        case vocabularySize = "vocabulary_size"
        case contextTokens = "context_tokens"
        case parallelSequences = "parallel_sequences"
        case bindsTokensToSeed = "binds_tokens_to_seed"
        case endTokens = "end_tokens"
    }

    public init(_ capabilities: EngineCapabilities) {
        version = EngineWire.version
        model = capabilities.model
        fileHash = "\(capabilities.fileHash)"
        vocabularySize = capabilities.vocabularySize
        contextTokens = capabilities.contextTokens
        parallelSequences = capabilities.parallelSequences
        bindsTokensToSeed = capabilities.bindsTokensToSeed
        endTokens = capabilities.endTokens
    }

    /// - Throws: `EngineError.unsupported` naming the field that no engine of this network can have.
    public func capabilities() throws(EngineError) -> EngineCapabilities {
        guard version == EngineWire.version else { throw .unsupported(field: "version \(version) of the interface") }
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
