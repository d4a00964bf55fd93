import Primitives
import ProtocolRules

/// One client's part of an engine that several share, as the hosts of a devnet do: its turns, and an equal part of the places.
public struct SharedEngine: Engine {
    public let capabilities: EngineCapabilities
    private let engine: any Engine
    private let client: UInt32

    /// - Parameters:
    ///   - client: another number for each.
    ///   - clients: how many share the engine, at least 1.
    public init(_ engine: any Engine, client: UInt32, of clients: Int) {
        self.engine = engine
        self.client = client
        let whole = engine.capabilities
        capabilities = EngineCapabilities(
            model: whole.model, fileHash: whole.fileHash, vocabularySize: whole.vocabularySize,
            contextTokens: whole.contextTokens,
            parallelSequences: max(1, whole.parallelSequences / max(1, clients)),
            bindsTokensToSeed: whole.bindsTokensToSeed, endTokens: whole.endTokens)
    }

    public func render(_ messages: [ChatMessage]) async throws(EngineError) -> [TokenID] {
        try await engine.render(messages)
    }

    public func tokenize(_ text: String) async throws(EngineError) -> [TokenID] { try await engine.tokenize(text) }

    public func bytes(of token: TokenID) -> Bytes { engine.bytes(of: token) }

    public func generate(_ request: GenerateRequest) -> AsyncThrowingStream<GeneratedToken, any Error> {
        var request = request
        request.turn.client = client
        return engine.generate(request)
    }

    public func embed(_ tokens: [TokenID]) async throws(EngineError) -> [Float] { try await engine.embed(tokens) }

    public func score(_ request: ScoreRequest) async throws(EngineError) -> ScoreResult {
        var request = request
        request.turn.client = client
        return try await engine.score(request)
    }
}
