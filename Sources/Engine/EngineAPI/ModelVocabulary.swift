import Primitives
import ProtocolRules

/// What a model's tokens are and how its prompts are made, without the model: for engines that compute elsewhere.
public protocol ModelVocabulary: Sendable {
    /// SHA-256 of the model's file.
    var fileHash: Hash32 { get }
    /// The number of logits.
    var size: UInt32 { get }
    /// The tokens that end an answer, ascending.
    var endTokens: [TokenID] { get }

    /// `Engine.render`, for a context of so many tokens.
    func render(_ messages: [ChatMessage], contextTokens: Int) throws(EngineError) -> [TokenID]

    /// `Engine.tokenize`, for a context of so many tokens.
    func tokenize(_ text: String, contextTokens: Int) throws(EngineError) -> [TokenID]

    /// `Engine.bytes(of:)`.
    func bytes(of token: TokenID) -> Bytes
}
