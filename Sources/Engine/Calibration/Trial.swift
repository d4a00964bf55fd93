import EngineAPI
import ProtocolRules

/// An answer, what its host noted, and what auditors found.
public struct Trial: Sendable {
    public let request: GenerateRequest
    public let output: [TokenID]
    /// What the engine that chose the tokens noted at each position.
    public let noted: [LogProbabilityPair]
    /// Two scores by the model of record in different batches: several items at once, then one by one.
    public let audits: [Audit]

    /// Whose log-probabilities go with the tokens.
    public enum Claim: Sendable {
        /// Those of the engine that chose them: an honest host, or an open cheat.
        case noted
        /// Those of one prefill by the model of record: the cheap tokens of a draft, dressed up.
        case recomputed
    }

    /// The answer as if it had ended after `length` tokens; nil where it is shorter.
    ///
    /// - Parameters:
    ///   - claim: `.recomputed` is the first audit's numbers.
    ///   - auditor: an index of `audits`.
    public func check(_ claim: Claim, auditor: Int, length: Int? = nil) -> Check? {
        let length = length ?? output.count
        guard length <= output.count, audits.indices.contains(auditor) else { return nil }
        let positions = FingerprintPositions.positions(
            outputCount: length, promptDigest: TokenDigest.digest(of: request.prompt),
            outputDigest: TokenDigest.digest(of: output.prefix(length)))
        let claimed = claim == .noted ? noted : audits[0].logProbabilities
        guard let stated = Fingerprint(claimed, at: positions),
            let scored = Fingerprint(audits[auditor].logProbabilities, at: positions)
        else { return nil }
        return Check(
            claimed: stated, scored: scored, marginMicroNats: audits[auditor].margin.microNats(ofFirst: length))
    }
}

/// What remains of a score.
public struct Audit: Sendable {
    let logProbabilities: [LogProbabilityPair]
    let margin: Margin

    init(_ result: ScoreResult, of request: GenerateRequest) {
        logProbabilities = result.logProbabilities
        margin = Margin(result, sampling: request.sampling, seed: request.seed)
    }
}

/// What the ledger compares for one item.
public struct Check: Sendable {
    let claimed: Fingerprint
    let scored: Fingerprint
    /// In millionths of a nat.
    public let marginMicroNats: UInt64

    /// The mean of |a − b| over the fingerprint's values, in nats.
    public var distance: Double {
        guard let difference = claimed.difference(from: scored), !claimed.values.isEmpty else { return 0 }
        return Double(difference) / Double(claimed.values.count) / Fingerprint.valuesPerNat
    }

    /// The margin in nats.
    public var margin: Double { Double(marginMicroNats) * 1e-6 }

    /// Whether both sides computed the same bits: such a check says nothing about noise.
    public var isExact: Bool { claimed == scored }

    public func isMismatch(_ thresholds: ModelThresholds) -> Bool {
        Verdict(
            claimed: claimed.values, scored: scored.values, marginMicroNats: marginMicroNats, thresholds: thresholds
        )?.isMismatch ?? true
    }
}
