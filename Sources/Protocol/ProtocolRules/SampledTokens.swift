import Primitives

/// How many output tokens the samples of a claim's entry bear out.
///
/// Where fees are drawn from, a leaf with many tokens and next to no fee is hardly ever sampled: its tokens stand in the claim's
/// sum, and no audit sees them. But a sample of such a draw also estimates the tokens of all items that are honest about their
/// fees, since an item is drawn as often as it costs: fee of the entry · tokens ÷ fee of the item, on average over the samples.
public struct SampledTokens: Sendable {
    private let claimed: ItemSums
    private var estimates: UInt128 = 0
    private var samples: UInt128 = 0

    /// - Parameter claimed: what the entry claims.
    public init(of claimed: ItemSums) { self.claimed = claimed }

    /// Takes in a sample that was found good.
    ///
    /// - Parameters:
    ///   - fee: of the item.
    ///   - tokens: its output tokens.
    public mutating func add(fee: Amount, tokens: UInt64) {
        samples += 1
        guard claimed.fee > .zero else { return estimates += UInt128(claimed.tokens) }
        // No point of the fees lies in an item without one.
        guard fee > .zero else { return }
        let estimate = UInt128(claimed.fee.ngonka) * UInt128(tokens) / UInt128(fee.ngonka)
        // At most 464 samples of 64 bits.
        estimates += UInt128(UInt64(clamping: estimate))
    }

    /// The mean of the samples' estimates, rounded down, at most what is claimed; 0 without a good sample.
    public var borneOut: UInt64 {
        samples > 0 ? min(claimed.tokens, UInt64(clamping: estimates / samples)) : 0
    }
}
