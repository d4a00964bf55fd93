import EngineAPI
import Primitives
import ProtocolRules
import StubEngine
import Synchronization

/// A scripted engine that keeps what it was asked to generate.
final class RecordingEngine: Engine {
    private let base: ScriptedEngine
    private let asked = Mutex<[GenerateRequest]>([])

    init(_ base: ScriptedEngine) { self.base = base }

    var requests: [GenerateRequest] { asked.withLock { $0 } }
    var capabilities: EngineCapabilities { base.capabilities }

    func render(_ messages: [ChatMessage]) throws(EngineError) -> [TokenID] { try base.render(messages) }

    func tokenize(_ text: String) throws(EngineError) -> [TokenID] { try base.tokenize(text) }

    func bytes(of token: TokenID) -> Bytes { base.bytes(of: token) }

    func generate(_ request: GenerateRequest) -> AsyncThrowingStream<GeneratedToken, any Error> {
        asked.withLock { $0.append(request) }
        return base.generate(request)
    }

    func embed(_ tokens: [TokenID]) async throws(EngineError) -> [Float] { try await base.embed(tokens) }

    func score(_ request: ScoreRequest) async throws(EngineError) -> ScoreResult { try await base.score(request) }
}
