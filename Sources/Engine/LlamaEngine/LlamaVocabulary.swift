import EngineAPI
import Primitives
import ProtocolRules

/// A GGUF file's vocabulary, and the prompts of a chat template in it.
public final class LlamaVocabulary: ModelVocabulary {
    public let fileHash: Hash32
    private let model: LlamaModel
    private let chatTemplate: ChatTemplate
    /// The template's control tokens, by name.
    private let controlTokens: [String: TokenID]

    /// Reads and checks the model's file, but loads no weights.
    ///
    /// - Throws: `.wrongModelFile` with both hashes, `.unusableModel`.
    public convenience init(
        path: String, expectedFileHash: Hash32?, chatTemplate: ChatTemplate = .chatML
    ) throws(EngineError) {
        let hash = try ModelFile.verifiedHash(path: path, expected: expectedFileHash)
        try self.init(LlamaModel(path: path, loadsWeights: false), hash, chatTemplate, path: path)
    }

    init(
        _ model: LlamaModel, _ fileHash: Hash32, _ chatTemplate: ChatTemplate, path: String
    ) throws(EngineError) {
        self.model = model
        self.fileHash = fileHash
        self.chatTemplate = chatTemplate
        var controlTokens: [String: TokenID] = [:]
        for name in chatTemplate.controlTokens {
            guard let token = model.controlToken(name) else {
                throw .unusableModel(path: path, reason: "it has no control token \(name) for \(chatTemplate.rawValue)")
            }
            controlTokens[name] = token
        }
        self.controlTokens = controlTokens
    }

    public var size: UInt32 { model.vocabularySize }
    public var endTokens: [TokenID] { model.endTokens }

    public func render(_ messages: [ChatMessage], contextTokens: Int) throws(EngineError) -> [TokenID] {
        try read(byteCount: messages.reduce(0) { $0 + $1.content.utf8.count }, contextTokens) {
            chatTemplate.segments(for: messages).flatMap { segment in
                switch segment {
                case .control(let name): controlTokens[name].map { [$0] } ?? []
                case .text(let text): model.tokenize(text)
                }
            }
        }
    }

    public func tokenize(_ text: String, contextTokens: Int) throws(EngineError) -> [TokenID] {
        try read(byteCount: text.utf8.count, contextTokens) { model.beginning + model.tokenize(text) }
    }

    public func bytes(of token: TokenID) -> Bytes {
        Int(token) < model.pieces.count ? model.pieces[Int(token)] : []
    }

    private func read(
        byteCount: Int, _ limit: Int, _ tokenize: () -> [TokenID]
    ) throws(EngineError) -> [TokenID] {
        // No token stands for more bytes than the longest one, so this many do not fit whatever they say.
        let least = byteCount / model.longestPiece
        guard least < limit else { throw .promptTooLong(tokens: least, limit: limit) }
        let tokens = tokenize()
        guard tokens.count < limit else { throw .promptTooLong(tokens: tokens.count, limit: limit) }
        return tokens
    }
}
