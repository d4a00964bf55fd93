import EngineAPI
import Primitives
import ProtocolRules
import StubEngine

/// A scripted engine that is always too busy to score.
struct BusyEngine: Engine {
    private let base: ScriptedEngine

    init(_ base: ScriptedEngine) { self.base = base }

    var capabilities: EngineCapabilities { base.capabilities }

    func render(_ messages: [ChatMessage]) throws(EngineError) -> [TokenID] { try base.render(messages) }

    func bytes(of token: TokenID) -> Bytes { base.bytes(of: token) }

    func generate(_ request: GenerateRequest) -> AsyncThrowingStream<GeneratedToken, any Error> {
        base.generate(request)
    }

    func score(_ request: ScoreRequest) async throws(EngineError) -> ScoreResult { throw .overloaded }
}
