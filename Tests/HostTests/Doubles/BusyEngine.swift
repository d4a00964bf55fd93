import EngineAPI
import Primitives
import ProtocolRules
import StubEngine

/// A scripted engine that is always too busy to score, and may be away where it is asked for a prompt.
struct BusyEngine: Engine {
    private let base: ScriptedEngine

    private let rendering: EngineError?

    init(_ base: ScriptedEngine, rendering: EngineError? = nil) {
        self.base = base
        self.rendering = rendering
    }

    var capabilities: EngineCapabilities { base.capabilities }

    func render(_ messages: [ChatMessage]) throws(EngineError) -> [TokenID] {
        if let rendering { throw rendering }
        return try base.render(messages)
    }

    func tokenize(_ text: String) throws(EngineError) -> [TokenID] { try base.tokenize(text) }

    func bytes(of token: TokenID) -> Bytes { base.bytes(of: token) }

    func generate(_ request: GenerateRequest) -> AsyncThrowingStream<GeneratedToken, any Error> {
        base.generate(request)
    }

    func embed(_ tokens: [TokenID]) async throws(EngineError) -> [Float] { try await base.embed(tokens) }

    func score(_ request: ScoreRequest) async throws(EngineError) -> ScoreResult { throw .overloaded }
}
