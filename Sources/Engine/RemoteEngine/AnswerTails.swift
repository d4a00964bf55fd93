import EngineAPI
import Primitives
import ProtocolRules
import Synchronization

/// Holds what a node generates to what was asked for: known tokens with their own texts, no more than the limit, nothing after
/// the end.
///
/// A host sells the text and is judged by the tokens: where the two part, on the node or on the way, there is no answer.
final class GeneratedTail: Sendable {
    private struct State {
        var count = 0
        var hasEnded = false
        var characters = CharacterAssembler()
    }

    private let limit: Int
    private let vocabularySize: UInt32
    private let bytes: @Sendable (TokenID) -> Bytes
    private let state = Mutex(State())

    /// - Parameter bytes: what a token stands for.
    init(limit: Int, capabilities: EngineCapabilities, bytes: @escaping @Sendable (TokenID) -> Bytes) {
        self.limit = limit
        self.bytes = bytes
        vocabularySize = capabilities.vocabularySize
    }

    var hasEnded: Bool { state.withLock { $0.hasEnded } }

    func take(_ token: GeneratedToken) throws(EngineError) {
        try state.withLock { state throws(EngineError) in
            guard !state.hasEnded, state.count < limit, token.token < vocabularySize else {
                throw .failed(reason: "the ML node gives tokens that nobody asked for")
            }
            state.count += 1
            state.hasEnded = token.end != nil
            let text = state.characters.append(bytes(token.token)) + (state.hasEnded ? state.characters.finish() : "")
            guard token.text == text else { throw .failed(reason: "the ML node gives texts that are not its tokens'") }
        }
    }
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
