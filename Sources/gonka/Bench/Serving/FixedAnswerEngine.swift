import EngineAPI
import Primitives
import ProtocolRules

/// An engine that gives the same answer, so that all that is measured is what is around it. Not a model and not part of any
/// network: its log-probabilities pass no check.
///
/// At once it gives sixteen words; with a pace it counts, "0 1 2 …", one token a step up to the request's limit, so that whoever
/// reads sees what is missing.
struct FixedAnswerEngine: Engine {
    static let model = "fixed-answer"
    static let vocabulary: UInt64 = 1_024
    static let contextTokens: UInt64 = 2_048
    /// Words of the answer, each a token.
    private static let answer = "the quick brown fox jumps over the lazy dog and runs on into the dark wood".split(
        separator: " ")
    private static let promptTokens: UInt32 = 24

    let capabilities: EngineCapabilities
    /// Between two tokens; nil for all at once.
    private let pace: Duration?

    /// - Parameter places: sequences that run at once.
    init(places: Int = 64, pace: Duration? = nil) {
        capabilities = EngineCapabilities(
            model: Self.model, fileHash: .zero, vocabularySize: UInt32(Self.vocabulary),
            contextTokens: Int(Self.contextTokens), parallelSequences: places, bindsTokensToSeed: true, endTokens: [])
        self.pace = pace
    }

    func render(_ messages: [ChatMessage]) -> [TokenID] { Array(0..<Self.promptTokens) }

    func tokenize(_ text: String) -> [TokenID] { Array(0..<Self.promptTokens) }

    func bytes(of token: TokenID) -> Bytes {
        if pace != nil { return Bytes("\(token) ".utf8) }
        return Self.answer.indices.contains(Int(token)) ? Bytes(Self.answer[Int(token)].utf8) : []
    }

    func generate(_ request: GenerateRequest) -> AsyncThrowingStream<GeneratedToken, any Error> {
        // Synthetic work of a fixed length is nothing that anybody waits for.
        if let pace, !request.ignoresEndTokens { return Self.count(request.maximumTokens, each: pace) }
        return AsyncThrowingStream { continuation in
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

    /// Steps are due from the start on, so that a late one does not move those after it.
    private static func count(
        _ tokens: Int, each pace: Duration
    ) -> AsyncThrowingStream<GeneratedToken, any Error> {
        AsyncThrowingStream { continuation in
            let work = Task {
                let start = ContinuousClock.now
                for index in 0..<tokens {
                    do { try await Task.sleep(until: start + pace * index, clock: .continuous) } catch {
                        return continuation.finish(throwing: EngineError.cancelled)
                    }
                    let token = TokenID(UInt64(index) % vocabulary)
                    continuation.yield(
                        GeneratedToken(
                            token: token, text: "\(token) ",
                            logProbabilities: LogProbabilityPair(taken: -1, designated: -2),
                            end: index == tokens - 1 ? .maximumTokens : nil))
                }
                continuation.finish()
            }
            continuation.onTermination = { _ in work.cancel() }
        }
    }

    func embed(_ tokens: [TokenID]) async throws(EngineError) -> [Float] { throw .unsupported(field: "embedding") }

    func score(_ request: ScoreRequest) async throws(EngineError) -> ScoreResult { throw .unsupported(field: "score") }
}
