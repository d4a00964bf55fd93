import EngineAPI
import ProtocolRules

extension CalibrationResult {
    /// The thresholds that these measurements suggest for the model's record.
    ///
    /// Fingerprints: where every open cheat lies above every honest check, the geometric middle of that gap; else twice the
    /// honest maximum. One to three positions and more are looked at apart, answers cut to all lengths; fewer positions never
    /// have the lower threshold. Margins: three times the honest maximum and at least 1,000 micro-nats, in whole thousands,
    /// since drafts have no gap.
    public var proposedThresholds: ModelThresholds {
        let short = CalibrationPlan.lengths.filter { $0 < CalibrationPlan.longPositions }.map(Optional.some)
        let long = CalibrationPlan.lengths.filter { $0 >= CalibrationPlan.longPositions }.map(Optional.some) + [nil]
        let margin = checks(.honest).map(\.marginMicroNats).max() ?? 0
        let distance = distanceTenths(long)
        return ModelThresholds(
            distanceTenthsMax: distance, shortDistanceTenthsMax: max(distance, distanceTenths(short)),
            marginMicroNatsMax: max(1, (3 * margin + 999) / 1_000) * 1_000)
    }

    private func distanceTenths(_ lengths: [Int?]) -> UInt64 {
        let honest = lengths.flatMap { checks(.honest, length: $0) }.map(\.distance).max() ?? 0
        let cheats = plan.cheats.flatMap { cheat in lengths.flatMap { checks(.open(cheat), length: $0) } }
        let nearest = cheats.map(\.distance).min() ?? 0
        let limit = nearest > honest ? (honest * nearest).squareRoot() : 2 * honest
        return UInt64((limit * Fingerprint.valuesPerNat * 10).rounded())
    }
}
