import Primitives

/// How a model's prices follow its use (protocol.md section 8). All ratios are parts per million.
public enum PriceRule {
    /// One host's audited serving ÷ what it proved it could have served: tokens against proven tokens, both of one window.
    ///
    /// - Returns: at most 1; 0 for a host that proved nothing.
    public static func utilisation(served: UInt64, proven: UInt64) -> UInt64 {
        guard proven > 0 else { return 0 }
        return UInt64(min(UInt128(million), UInt128(served) * UInt128(million) / UInt128(proven)))
    }

    /// Tokens that a host with `weight` for a model could have made in `blocks`, by its sprint of `sprintBlocks`.
    public static func provenTokens(
        weight: UInt64, coefficientPartsPerMillion: UInt64, sprintBlocks: UInt64, blocks: UInt64
    ) -> UInt64 {
        guard coefficientPartsPerMillion > 0, sprintBlocks > 0 else { return 0 }
        let perSprint = UInt128(weight) * UInt128(million) / UInt128(coefficientPartsPerMillion)
        // 84 + 20 bits: block counts are below 2²⁰.
        return UInt64(clamping: perSprint * UInt128(min(blocks, 1 << 20)) / UInt128(sprintBlocks))
    }

    /// The prices of the next round: unchanged in 40–60 %, else by 5 % of the excess, at most 2 %. Rounded towards the old price,
    /// but that one that is to rise rises by a unit at least; so a small one rises too. Input and output stay within bounds;
    /// cached input stays free where it is free, and at most the input's.
    public static func adjusted(
        _ prices: TokenPrices, utilisation: UInt64, bounds: ClosedRange<UInt64>
    ) -> TokenPrices {
        let input = moved(prices.input, utilisation, within: bounds)
        let cached = prices.cachedInput == 0 ? 0 : moved(prices.cachedInput, utilisation, within: 1...bounds.upperBound)
        return TokenPrices(
            input: input, cachedInput: min(cached, input), output: moved(prices.output, utilisation, within: bounds))
    }

    private static func moved(_ price: UInt64, _ utilisation: UInt64, within bounds: ClosedRange<UInt64>) -> UInt64 {
        let (low, high) = (calm.lowerBound, calm.upperBound)
        var moved = price
        if utilisation > high {
            let rise = max(1, WeightRules.scaled(price, by: change(utilisation - high)))
            moved = price.addingReportingOverflow(rise).overflow ? .max : price + rise
        } else if utilisation < low {
            moved = price - WeightRules.scaled(price, by: change(low - utilisation))
        }
        return min(max(moved, bounds.lowerBound), bounds.upperBound)
    }

    private static func change(_ excess: UInt64) -> UInt64 {
        min(changeMax, WeightRules.scaled(excess, by: slope))
    }

    private static let million = WeightRules.million
    private static let calm: ClosedRange<UInt64> = 400_000...600_000
    private static let slope: UInt64 = 50_000
    private static let changeMax: UInt64 = 20_000
}
