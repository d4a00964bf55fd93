import ProtocolRules

extension Fingerprint {
    /// Values per nat: one is 1/512 nats.
    public static let valuesPerNat = 512.0

    /// The fingerprint of an answer, or nil where a position is not one of the answer's.
    ///
    /// - Parameters:
    ///   - logProbabilities: one pair for each output position, in nats.
    ///   - positions: as `FingerprintPositions.positions` gives them.
    public init?(_ logProbabilities: [LogProbabilityPair], at positions: [Int]) {
        guard positions.allSatisfy(logProbabilities.indices.contains) else { return nil }
        self.init(
            values: positions.flatMap { position in
                let pair = logProbabilities[position]
                return [Fingerprint.value(pair.taken), Fingerprint.value(pair.designated)]
            })
    }

    /// max(−32768, log-probability · 512 rounded half to even); NaN counts as −∞.
    static func value(_ logProbability: Double) -> Int16 {
        guard !logProbability.isNaN else { return .min }
        let scaled = (logProbability * valuesPerNat).rounded(.toNearestOrEven)
        return Int16(min(max(scaled, Double(Int16.min)), Double(Int16.max)))
    }
}
