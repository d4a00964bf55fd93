import Calibration
import EngineAPI
import ProtocolRules
import StubEngine

/// Every variant is an imaginary model of its own; hosts of one sequence are noisy, as real ones are.
struct StubEngineSource: EngineSource {
    func use<Result: Sendable>(
        _ recipe: EngineRecipe, _ work: @Sendable (any Engine) async throws -> Result
    ) async throws -> Result {
        let weights: UInt64 =
            switch recipe.model {
            case .exact: 0
            case .q8_0: 1
            case .q4_1: 2
            case .q4_0: 3
            case .layersCut(let count): UInt64(3 + count)
            }
        let engine = ScriptedEngine(weights: weights, contextTokens: recipe.contextTokens)
        return try await work(recipe.sequences == 1 ? AlteredEngine(engine, noise: 3.0 / 512) : engine)
    }
}

/// An engine that notes other log-probabilities, or gives another token, than the one it wraps.
struct AlteredEngine: Engine {
    private let engine: ScriptedEngine
    private let noise: Double
    private let flippedPosition: Int?

    /// - Parameters:
    ///   - noise: what is added to every noted log-probability, in nats.
    ///   - flippedPosition: where another letter is given.
    init(_ engine: ScriptedEngine, noise: Double = 0, flippedPosition: Int? = nil) {
        self.engine = engine
        self.noise = noise
        self.flippedPosition = flippedPosition
    }

    var capabilities: EngineCapabilities { engine.capabilities }

    func render(_ messages: [ChatMessage]) throws(EngineError) -> [TokenID] { try engine.render(messages) }

    func tokenize(_ text: String) throws(EngineError) -> [TokenID] { try engine.tokenize(text) }

    func bytes(of token: TokenID) -> [UInt8] { engine.bytes(of: token) }

    func embed(_ tokens: [TokenID]) async throws(EngineError) -> [Float] { try await engine.embed(tokens) }

    func score(_ request: ScoreRequest) async throws(EngineError) -> ScoreResult { try await engine.score(request) }

    func generate(_ request: GenerateRequest) -> AsyncThrowingStream<GeneratedToken, any Error> {
        AsyncThrowingStream { continuation in
            let task = Task {
                do {
                    var position = request.begun.count
                    for try await token in engine.generate(request) {
                        continuation.yield(altered(token, at: position))
                        position += 1
                    }
                    continuation.finish()
                } catch {
                    continuation.finish(throwing: error)
                }
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }

    private func altered(_ token: GeneratedToken, at position: Int) -> GeneratedToken {
        let other: TokenID = token.token == 0x61 ? 0x62 : 0x61
        return GeneratedToken(
            token: position == flippedPosition ? other : token.token, text: token.text,
            logProbabilities: LogProbabilityPair(
                taken: token.logProbabilities.taken + noise, designated: token.logProbabilities.designated + noise),
            end: token.end)
    }
}
