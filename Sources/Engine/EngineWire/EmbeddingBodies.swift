import EngineAPI
import Primitives
import ProtocolRules

/// Tokens whose embedding is asked for, for the model file that the asker means.
public struct EmbedBody: Codable, Sendable {
    /// The model's id; missing for the node's first.
    public let model: String?
    /// 64 hex digits; a node that runs another file refuses.
    public let fileHash: String
    public let prompt: [TokenID]

    private enum CodingKeys: String, CodingKey {
        case fileHash = "file_hash"
        case model, prompt
    }

    public init(_ tokens: [TokenID], fileHash: Hash32, model: String? = nil) {
        self.model = model
        self.fileHash = "\(fileHash)"
        prompt = tokens
    }
}

/// The next numbers of an embedding: no event may hold them all.
public struct EmbeddingBody: Codable, Sendable {
    public let values: [Float]

    /// `embedding` in parts, in order.
    public static func parts(of embedding: [Float]) -> [EmbeddingBody] {
        stride(from: 0, to: embedding.count, by: valuesMax).map { start in
            EmbeddingBody(values: Array(embedding[start..<min(start + valuesMax, embedding.count)]))
        }
    }

    /// About 16 bytes each: a quarter of the longest event.
    private static let valuesMax = 1_024
}
