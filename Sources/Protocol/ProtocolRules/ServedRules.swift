import Primitives

/// How tokens that users got while a sprint ran count with those that it proved (protocol.md section 7, ADR 13). Everything is
/// output tokens of one host for one model, rounded down where nothing else is said.
public enum ServedRules {
    /// ⌊tokens · blocks of both windows ÷ blocks of the serving window⌋: what of a serving round's tokens falls into the sprint,
    /// if they were made evenly.
    public static func share(
        of tokens: UInt64, servedIn serving: ClosedRange<UInt64>, during sprint: ClosedRange<UInt64>
    ) -> UInt64 {
        guard serving.overlaps(sprint) else { return 0 }
        let both = length(serving.clamped(to: sprint))
        // 64 + 20 bits: windows are shorter than 2²⁰ blocks.
        return UInt64(clamping: UInt128(tokens) * min(both, blocksMax) / min(length(serving), blocksMax))
    }

    /// served ÷ proven in parts per million, at most a quarter; rounded up, so that the host in the middle counts whole.
    ///
    /// - Parameter proven: 0 for a host whose serving says nothing.
    public static func ratio(served: UInt64, proven: UInt64) -> UInt64 {
        guard proven > 0 else { return 0 }
        let scaled = UInt128(served) * UInt128(WeightRules.million) + UInt128(proven) - 1
        return UInt64(min(UInt128(ratioMax), scaled / UInt128(proven)))
    }

    /// What counts of `served`: at most a fifth of the sum with `proven`, and no more than what brings the host back to what it
    /// showed before, or what hosts of the model usually serve.
    ///
    /// When a token was made nobody can see. Without the second bound, traffic to oneself between sprints would add a quarter to
    /// everybody's weight.
    ///
    /// - Parameters:
    ///   - proven: audited tokens of this sprint.
    ///   - before: what the host had in the sprint before, per block, times the blocks of this one.
    ///   - usualPartsPerMillion: the median of all hosts' `ratio`, weighted by what they proved.
    public static func counted(
        _ served: UInt64, proven: UInt64, before: UInt64, usualPartsPerMillion: UInt64
    ) -> UInt64 {
        let missing = before > proven ? before - proven : 0
        let usual = WeightRules.scaled(proven, by: usualPartsPerMillion)
        return min(served, proven / provenPerServed, max(missing, usual))
    }

    /// A fifth of the sum is a quarter of the rest.
    private static let provenPerServed: UInt64 = 4
    private static let ratioMax = WeightRules.million / provenPerServed
    private static let blocksMax: UInt128 = 1 << 20

    private static func length(_ window: ClosedRange<UInt64>) -> UInt128 {
        UInt128(window.upperBound) - UInt128(window.lowerBound) + 1
    }
}
