import EngineAPI
import ProtocolRules

/// What somebody reaches who runs nothing and states the same two numbers for every position: the medians of taken and of
/// designated tokens' log-probabilities over honest answers to that kind of text, than which no constant is closer.
public struct BlindGuess: Sendable {
    public let text: TextKind
    /// In nats.
    public let taken: Double
    public let designated: Double
    /// The distances of the guess from honest fingerprints, in nats, by length; nil for whole answers.
    public let distances: [(length: Int?, distribution: Distribution)]
}

extension CalibrationResult {
    /// - Returns: nil where no honest answer to `text` was made.
    public func blindGuess(_ text: TextKind) -> BlindGuess? {
        let trials = conditions.filter { $0.model == .exact && $0.text == text }.flatMap(\.trials)
        guard !trials.isEmpty else { return nil }
        let pairs = trials.flatMap { $0.audits[0].logProbabilities }
        let taken = Distribution(pairs.map(\.taken)).median
        let designated = Distribution(pairs.map(\.designated)).median
        let guess = LogProbabilityPair(taken: taken, designated: designated)
        let lengths: [Int?] = [1, 2, 4, 16, nil]
        return BlindGuess(
            text: text, taken: taken, designated: designated,
            distances: lengths.map { length in
                let guesses = trials.map { $0.guessed(guess) }
                return (
                    length, Distribution(guesses.compactMap { $0.check(.noted, auditor: 0, length: length)?.distance })
                )
            })
    }
}

extension Trial {
    /// The same answer with the same guess at every position.
    fileprivate func guessed(_ guess: LogProbabilityPair) -> Trial {
        Trial(request: request, output: output, noted: output.map { _ in guess }, audits: audits)
    }
}
