import EngineAPI
import Primitives
import ProtocolRules
import Synchronization

/// Holds what a node generates to what was asked for: known tokens with their own texts, no more than the limit, nothing after
/// the end; the most probable tokens as many, in order, and in accord with the one that was taken.
///
/// A host sells the text and is judged by the tokens: where the two part, on the node or on the way, there is no answer.
final class GeneratedTail: Sendable {
    private struct State {
        var count = 0
        var hasEnded = false
        var characters = CharacterAssembler()
        var cachedTokens: Int?
    }

    private let limit: Int
    private let topCount: Int
    /// The most tokens that a node can have had already: none for a request that shares with nobody.
    private let cachedTokensMax: Int
    private let vocabularySize: UInt32
    private let bytes: @Sendable (TokenID) -> Bytes
    private let state = Mutex(State())

    /// - Parameter bytes: what a token stands for.
    init(
        _ request: GenerateRequest, capabilities: EngineCapabilities, bytes: @escaping @Sendable (TokenID) -> Bytes
    ) {
        limit = request.maximumTokens - request.begun.count
        topCount = request.topLogProbabilities
        cachedTokensMax = request.cacheScope == nil ? 0 : request.prompt.count
        self.bytes = bytes
        vocabularySize = capabilities.vocabularySize
    }

    var hasEnded: Bool { state.withLock { $0.hasEnded } }

    func take(_ token: GeneratedToken) throws(EngineError) {
        try state.withLock { state throws(EngineError) in
            guard !state.hasEnded, state.count < limit, token.token < vocabularySize else {
                throw .failed(reason: "the ML node gives tokens that nobody asked for")
            }
            guard 0...cachedTokensMax ~= token.cachedTokens,
                token.cachedTokens == state.cachedTokens ?? token.cachedTokens
            else { throw .failed(reason: "the ML node had tokens that nobody gave it") }
            guard isInAccord(token) else { throw .failed(reason: "the ML node's most probable tokens are none") }
            state.cachedTokens = token.cachedTokens
            state.count += 1
            state.hasEnded = token.end != nil
            let text = state.characters.append(bytes(token.token)) + (state.hasEnded ? state.characters.finish() : "")
            guard token.text == text else { throw .failed(reason: "the ML node gives texts that are not its tokens'") }
        }
    }

    /// Whether the most probable tokens can be a row's: as many as asked for, each once, descending, and what is said about the
    /// token that was taken is the same in both places.
    private func isInAccord(_ token: GeneratedToken) -> Bool {
        let top = token.top
        // A model may exclude the others, but not all.
        guard top.count <= topCount, topCount == 0 || !top.isEmpty else { return false }
        return top.allSatisfy {
            $0.token < vocabularySize && $0.logProbability.isFinite && $0.logProbability <= Self.logProbabilityMax
                && ($0.token != token.token || $0.logProbability == token.logProbabilities.taken)
        } && zip(top, top.dropFirst()).allSatisfy { $0.logProbability >= $1.logProbability }
            && Set(top.map(\.token)).count == top.count
    }

    /// 0, and what a sum of exponentials in single precision may be off by.
    private static let logProbabilityMax = 1e-3
}

/// Collects scored positions: one for each output token, in order.
final class ScoredTail: Sendable {
    private let output: [TokenID]
    private let positions = Mutex<[ScoredPosition]>([])

    init(output: [TokenID]) { self.output = output }

    /// Nil until all are there.
    var result: ScoreResult? {
        let positions = positions.withLock { $0 }
        return positions.count == output.count ? ScoreResult(positions: positions) : nil
    }

    func take(_ position: ScoredPosition) throws(EngineError) {
        try positions.withLock { positions throws(EngineError) in
            guard positions.count < output.count, position.token == output[positions.count] else {
                throw .failed(reason: "the ML node scores tokens that nobody asked for")
            }
            positions.append(position)
        }
    }
}
