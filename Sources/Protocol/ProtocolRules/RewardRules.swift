import Primitives

/// What a host did in an epoch, as far as its reward depends on it.
public struct RewardConduct: Hashable, Sendable {
    /// `ConfirmedRatio.final`, at most 10⁶.
    public var confirmedPartsPerMillion: UInt64 = ConfirmedRatio.whole
    public var duties: UInt64 = 0
    public var dutiesDone: UInt64 = 0
    public var requestsServed: UInt64 = 0
    public var requestsMissed: UInt64 = 0
    /// Reveals missed of intervals that a round drew from.
    public var drawnBeaconsMissed: UInt64 = 0
    /// Other reveals missed.
    public var idleBeaconsMissed: UInt64 = 0
    public var isConvicted = false

    public init() {}
}

/// One host's part of an epoch's emission: its share, what is taken from it step by step, and what is paid. Their sum is the
/// share, to the last ngonka.
public struct Reward: Hashable, Sendable {
    /// ⌊emission · weight ÷ Σ weights⌋, before anything is taken: one host's loss is nobody's gain.
    public let share: Amount
    /// Work that confirmations did not confirm.
    public let unconfirmed: Amount
    /// Audits not done.
    public let undutiful: Amount
    /// Requests missed.
    public let missed: Amount
    /// Beacon reveals withheld.
    public let withheld: Amount
    /// All that was left, of a host that was convicted.
    public let convicted: Amount
    public let paid: Amount

    /// What goes to the community pool.
    public var forfeited: Amount { Amount(share.ngonka - paid.ngonka) }

    /// - Parameters:
    ///   - weight: before confirmation.
    ///   - total: of all hosts; at least `weight`.
    public init(
        of emission: Amount, weight: UInt64, total: UInt128, conduct: RewardConduct, audits: AuditParameters,
        beacon: BeaconParameters
    ) {
        let whole = total > 0 ? UInt128(emission.ngonka) * UInt128(weight) / total : 0
        share = Amount(UInt64(clamping: min(whole, UInt128(emission.ngonka))))
        var left = share.ngonka
        func take(leaving partsPerMillion: UInt64) -> Amount {
            let kept = WeightRules.scaled(left, by: min(WeightRules.million, partsPerMillion))
            defer { left = kept }
            return Amount(left - kept)
        }
        unconfirmed = take(leaving: conduct.confirmedPartsPerMillion)
        undutiful = take(leaving: RewardRules.dutyFactor(conduct, fullAt: audits.dutyFullPartsPerMillion))
        missed = take(leaving: RewardRules.missFactor(conduct, tolerance: audits.missTolerancePartsPerMillion))
        withheld = take(leaving: RewardRules.beaconFactor(conduct, beacon))
        convicted = take(leaving: conduct.isConvicted ? 0 : WeightRules.million)
        paid = Amount(left)
    }
}

/// What is left of a reward, in parts per million, for each cause of a deduction (protocol.md sections 3, 5 and 6). They are
/// applied one after the other, each to what the one before left.
public enum RewardRules {
    /// All from the full share of duties on, linearly less below; all for who had none.
    public static func dutyFactor(_ conduct: RewardConduct, fullAt fullPartsPerMillion: UInt64) -> UInt64 {
        guard conduct.duties > 0, fullPartsPerMillion > 0 else { return million }
        let done = UInt128(min(conduct.dutiesDone, conduct.duties))
        let scaled = done * UInt128(million) * UInt128(million)
        return UInt64(min(UInt128(million), scaled / (UInt128(conduct.duties) * UInt128(fullPartsPerMillion))))
    }

    /// 1 − max(0, missed ÷ (served + missed) − tolerance).
    public static func missFactor(_ conduct: RewardConduct, tolerance: UInt64) -> UInt64 {
        let all = UInt128(conduct.requestsServed) + UInt128(conduct.requestsMissed)
        guard all > 0 else { return million }
        let share = UInt64(UInt128(conduct.requestsMissed) * UInt128(million) / all)
        return million - (share - min(share, tolerance))
    }

    /// A part for each missed reveal, together at most all.
    public static func beaconFactor(_ conduct: RewardConduct, _ parameters: BeaconParameters) -> UInt64 {
        let drawn = UInt128(conduct.drawnBeaconsMissed) * UInt128(parameters.drawnForfeitPartsPerMillion)
        let idle = UInt128(conduct.idleBeaconsMissed) * UInt128(parameters.idleForfeitPartsPerMillion)
        return million - UInt64(min(UInt128(million), drawn + idle))
    }

    private static let million = WeightRules.million
}
