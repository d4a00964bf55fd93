import Primitives

/// The numbers of an audit that are part of the protocol and no parameters (protocol.md section 5).
public enum AuditRules {
    /// Auditors listed for each sample.
    public static let listedAuditors = 3
    /// Hosts of a panel.
    public static let panelSize = 11
    /// Members whose word a panel needs.
    public static let panelMembersMin = 3
    /// How often an undecided entry goes to a later round before it is refunded.
    public static let carriesMax: UInt64 = 3
    /// The salt of a commitment, in bytes.
    public static let saltLength = 16
    /// An entry below this part of its model's units is not audited in a sprint or confirmation, and proves nothing.
    public static let dustDivisor: UInt64 = 10_000
    /// The most samples of one entry: 64 and four for each of 100 full per cent.
    public static let samplesMax: UInt64 = 464

    /// How many samples an entry gets: `base` + `perPercent` for each full 1 % that it claims of `total`, at most `count`, and
    /// none where it has no units.
    ///
    /// - Parameters:
    ///   - units: what the entry claims, fee or tokens.
    ///   - total: the same of all entries of its model and round; at least `units`.
    ///   - count: items of the entry.
    public static func sampleCount(
        base: UInt64, perPercent: UInt64, units: UInt64, total: UInt64, count: UInt64
    ) -> UInt64 {
        guard units > 0, total > 0 else { return 0 }
        let percent = min(100, UInt128(units) * 100 / UInt128(total))
        let wanted = UInt128(base) + UInt128(perPercent) * percent
        return min(count, min(samplesMax, UInt64(clamping: wanted)))
    }

    /// The least tokens of synthetic work that are audited: what a ten-thousandth of the model's weight stands for, in
    /// proportion to the length of the work window.
    ///
    /// It follows from weights that were proven before, not from what others claim now: a claim can be any number.
    ///
    /// - Parameters:
    ///   - weight: of all hosts for the model.
    ///   - coefficientPartsPerMillion: weight per token; 0 for a model that proves none.
    ///   - workBlocks: of this round.
    ///   - sprintBlocks: of a sprint.
    public static func dustTokens(
        weight: UInt64, coefficientPartsPerMillion: UInt64, workBlocks: UInt64, sprintBlocks: UInt64
    ) -> UInt64 {
        let divisor = UInt128(dustDivisor) * UInt128(coefficientPartsPerMillion) * UInt128(sprintBlocks)
        guard divisor > 0 else { return 0 }
        let (scaled, overflow) = (UInt128(weight) * 1_000_000).multipliedReportingOverflow(by: UInt128(workBlocks))
        return overflow ? .max : UInt64(clamping: scaled / divisor)
    }

    /// The first height at which the auditor with this place in the list may commit while those before it are silent: the
    /// window's first, its middle, its last quarter.
    ///
    /// - Parameter place: from 0; nil for one that is not on the list.
    public static func turn(of place: Int, in window: ClosedRange<UInt64>) -> UInt64? {
        let length = window.upperBound - window.lowerBound + 1
        return switch place {
        case 0: window.lowerBound
        case 1: window.lowerBound + length / 2
        case 2: window.lowerBound + 3 * length / 4
        default: nil
        }
    }
}

/// Who speaks of a sample, and when.
public enum AuditStage: UInt64, CaseIterable, Sendable {
    /// The auditors on the sample's list, in the audit and open windows.
    case audit = 1
    /// The panel of a disputed sample, in the appeal and appeal-open windows.
    case appeal = 2
}
