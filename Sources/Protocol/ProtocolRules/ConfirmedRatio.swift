import Primitives

/// What some work came to in how many blocks.
public struct WorkRate: Hashable, Sendable {
    /// Weight of the audited tokens.
    public let weight: UInt64
    /// The length of the work window.
    public let blocks: UInt64

    public init(weight: UInt64, blocks: UInt64) {
        self.weight = weight
        self.blocks = blocks
    }
}

/// How much of the power that a host showed in the sprint it also had at the moments that nobody knew before (protocol.md section
/// 7). All ratios are parts per million.
public enum ConfirmedRatio {
    public static let whole: UInt64 = 1_000_000

    /// One confirmation against the sprint, per block. A host that committed nothing has weight 0 in it.
    ///
    /// - Returns: rounded down, at most 1 000 (10⁹ parts per million); nil where the sprint proved nothing to compare with.
    public static func of(_ confirmation: WorkRate, against sprint: WorkRate) -> UInt64? {
        // 64 + 20 bits, and 64 bits: block counts are below 2²⁰, so nothing overflows.
        let divisor = UInt128(sprint.weight) * UInt128(min(confirmation.blocks, blocksMax))
        guard divisor > 0 else { return nil }
        let perBlock = UInt128(confirmation.weight) * UInt128(min(sprint.blocks, blocksMax))
        return UInt64(min(UInt128(ratioMax), perBlock * UInt128(whole) / divisor))
    }

    /// The mean of a host's confirmations, rounded down; nil without any.
    public static func mean(_ ratios: [UInt64]) -> UInt64? {
        guard !ratios.isEmpty else { return nil }
        return UInt64(clamping: ratios.reduce(UInt128(0)) { $0 + UInt128($1) } / UInt128(ratios.count))
    }

    /// What counts of a host's weight: its mean ÷ the median of all hosts ÷ 0.9, rounded down, at most the whole.
    ///
    /// The median takes out what is the same for everybody: a short window, a slow network.
    ///
    /// - Parameters:
    ///   - mean: nil for a host without a confirmation to count: the whole.
    ///   - median: where it is 0, most of the network was silent: whoever confirmed anything has the whole.
    public static func final(mean: UInt64?, median: UInt64) -> UInt64 {
        guard let mean else { return whole }
        guard median > 0 else { return mean > 0 ? whole : 0 }
        let ratio = UInt128(mean) * UInt128(whole) * UInt128(whole) / (UInt128(median) * UInt128(tolerance))
        return UInt64(min(UInt128(whole), ratio))
    }

    /// 0.9: noise of a tenth costs nothing.
    private static let tolerance: UInt64 = 900_000
    private static let blocksMax: UInt64 = 1 << 20
    private static let ratioMax: UInt64 = 1_000_000_000
}
