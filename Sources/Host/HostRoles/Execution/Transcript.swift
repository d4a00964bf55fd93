import Cryptography
import EngineAPI
import Messages
import Primitives
import ProtocolRules

/// An answer as it grows: a state machine that takes tokens and gives out text.
struct Transcript: Sendable {
    private(set) var tokens: [TokenID] = []
    private(set) var logProbabilities: [LogProbabilityPair] = []
    /// The text given out so far, without what may still become a stop text.
    private(set) var text = ""
    private var matcher: StopMatcher

    /// What a token leads to.
    struct Step: Sendable {
        /// The text to give out, perhaps none.
        let piece: String
        /// Set where the answer is complete.
        let finish: FinishReason?
    }

    /// - Parameter stops: within the limits of `StopMatcher`, else nil.
    init?(stops: [String]) {
        guard let matcher = StopMatcher(stops: stops) else { return nil }
        self.matcher = matcher
    }

    mutating func append(_ token: GeneratedToken) -> Step {
        tokens.append(token.token)
        logProbabilities.append(token.logProbabilities)
        var piece = matcher.append(token.text)
        if matcher.hasStopped || token.end == nil {
            text += piece
            return Step(piece: piece, finish: matcher.hasStopped ? .stop : nil)
        }
        piece += matcher.finish()
        text += piece
        return Step(piece: piece, finish: token.end == .endToken ? .stop : .length)
    }

    /// The fingerprint of the tokens so far.
    func fingerprint(promptDigest: Hash32) -> Fingerprint? {
        let positions = FingerprintPositions.positions(
            outputCount: tokens.count, promptDigest: promptDigest, outputDigest: TokenDigest.digest(of: tokens))
        return Fingerprint(logProbabilities, at: positions)
    }
}
