import EngineAPI
import Primitives
import ProtocolRules

/// An engine that gives the same answer at once, so that all that is measured is what is around it. Not a model and not part
/// of any network: its log-probabilities pass no check.
struct FixedAnswerEngine: Engine {
    static let model = "fixed-answer"
    static let vocabulary: UInt64 = 1_024
    static let contextTokens: UInt64 = 2_048
    /// Words of the answer, each a token.
    private static let answer = "the quick brown fox jumps over the lazy dog and runs on into the dark wood".split(
        separator: " ")
    private static let promptTokens: UInt32 = 24

    let capabilities = EngineCapabilities(
        model: model, fileHash: .zero, vocabularySize: UInt32(vocabulary), contextTokens: Int(contextTokens),
        parallelSequences: 64, bindsTokensToSeed: true, endTokens: [])

    func render(_ messages: [ChatMessage]) -> [TokenID] { Array(0..<Self.promptTokens) }

    func tokenize(_ text: String) -> [TokenID] { Array(0..<Self.promptTokens) }

    func bytes(of token: TokenID) -> Bytes {
        Self.answer.indices.contains(Int(token)) ? Bytes(Self.answer[Int(token)].utf8) : []
    }

    func generate(_ request: GenerateRequest) -> AsyncThrowingStream<GeneratedToken, any Error> {
        AsyncThrowingStream { continuation in
            for (index, word) in Self.answer.enumerated() {
                let isLast = index == Self.answer.count - 1
                continuation.yield(
                    GeneratedToken(
                        token: TokenID(index), text: "\(word) ",
                        logProbabilities: LogProbabilityPair(taken: -1, designated: -2),
                        end: isLast ? .endToken : nil))
            }
            continuation.finish()
        }
    }

    func embed(_ tokens: [TokenID]) async throws(EngineError) -> [Float] { throw .unsupported(field: "embedding") }

    func score(_ request: ScoreRequest) async throws(EngineError) -> ScoreResult { throw .unsupported(field: "score") }
}
