import Cryptography
import EngineAPI
import Messages
import OpenAIWire
import Primitives
import ProtocolRules
import WireFormat

/// An answer as it grows: a state machine that takes tokens and gives out pieces for the client.
struct Transcript: Sendable {
    private(set) var tokens: [TokenID] = []
    private(set) var logProbabilities: [LogProbabilityPair] = []
    /// The model's text so far, without what may still become a stop text.
    private(set) var text = ""
    /// Prompt tokens that the engine had from an earlier request.
    private(set) var cachedTokens = 0
    private var matcher: StopMatcher
    private var shaper: AnswerShaper
    private var logprobs: LogprobQueue?

    /// What a token leads to.
    struct Step: Sendable {
        /// What to give out, perhaps nothing.
        let piece: AnswerPiece
        /// Set where the answer is complete.
        let finish: FinishReason?
    }

    /// - Parameters:
    ///   - stops: within the limits of `StopMatcher`, else nil.
    ///   - logprobs: nil where nobody wants any.
    init?(stops: [String], shaper: AnswerShaper, logprobs: LogprobQueue? = nil) {
        guard let matcher = StopMatcher(stops: stops) else { return nil }
        self.matcher = matcher
        self.shaper = shaper
        self.logprobs = logprobs
    }

    mutating func append(_ token: GeneratedToken) -> Step {
        tokens.append(token.token)
        logProbabilities.append(token.logProbabilities)
        cachedTokens = token.cachedTokens
        logprobs?.add(token)
        var released = matcher.append(token.text)
        if matcher.hasStopped { return step(released, finish: .stop) }
        guard let end = token.end else { return step(released, finish: nil) }
        released += matcher.finish()
        return step(released, finish: end == .endToken ? .stop : .length)
    }

    private mutating func step(_ released: String, finish: FinishReason?) -> Step {
        text += released
        var piece = shaper.append(released)
        if finish != nil {
            let rest = shaper.finish()
            piece.text += rest.text
            piece.calls += rest.calls
        }
        piece.logprobs = logprobs?.release(released.utf8.count)
        return Step(piece: piece, finish: finish)
    }

    /// Ends an answer whose client has gone, or of which another choice failed.
    ///
    /// - Returns: what was held back, which the receipt stands for too.
    mutating func cutOff() -> AnswerPiece { shaper.finish() }

    /// Of what was given out.
    var answerDigest: Hash32 { shaper.digest }
    /// Whether it calls functions, and each call is whole.
    var calls: Bool { shaper.hasWholeCalls }
    /// The JSON array of all log-probabilities that went out; empty for none.
    var extra: Bytes { logprobs?.all ?? [] }

    /// The fingerprint of the tokens so far.
    func fingerprint(promptDigest: Hash32) -> Fingerprint? {
        let positions = FingerprintPositions.positions(
            outputCount: tokens.count, promptDigest: promptDigest, outputDigest: TokenDigest.digest(of: tokens))
        return Fingerprint(logProbabilities, at: positions)
    }
}
