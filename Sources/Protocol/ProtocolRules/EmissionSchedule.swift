import Primitives

/// What each epoch mints: r(1) = 323 000 GNK, then r(e+1) = ⌊r(e) · D ÷ 10¹⁸⌋ with D = 10¹⁸ · e^−0.000475, so that it halves about every 1 459
/// epochs (protocol.md section 8). An epoch mints R(e) = ⌊r(e) ÷ 10¹⁸⌋ ngonka.
public struct EmissionSchedule: Hashable, Sendable {
    /// The most that is ever minted: 680 million GNK.
    public static let cap = Amount(680_000_000 * Amount.ngonkaPerGNK)

    /// The epoch that `rate` is of, from 1.
    public let epoch: UInt64
    /// r(epoch), in 10⁻¹⁸ ngonka.
    public let rate: UInt128

    /// The first epoch's.
    public init() {
        epoch = 1
        rate = 323_000 * UInt128(Amount.ngonkaPerGNK) * EmissionSchedule.scale
    }

    /// As the state holds it.
    public init(epoch: UInt64, rate: UInt128) {
        self.epoch = epoch
        self.rate = rate
    }

    /// What this epoch mints where `minted` was minted before it: R(epoch), or what the cap leaves of it.
    public func emission(after minted: Amount) -> Amount {
        let left = EmissionSchedule.cap.ngonka - min(minted.ngonka, EmissionSchedule.cap.ngonka)
        return Amount(min(left, UInt64(clamping: rate / EmissionSchedule.scale)))
    }

    /// The next epoch's. With r = a·10¹⁸ + b the product r·D ÷ 10¹⁸ is a·D + b·D ÷ 10¹⁸ exactly, and neither part needs more than 128
    /// bits: a ≤ 2¹²⁸ ÷ 10¹⁸, D and b are below 10¹⁸.
    ///
    /// - Throws: `.overflow` after the last epoch that 64 bits can number.
    public func next() throws(ArithmeticError) -> EmissionSchedule {
        let (whole, rest) = rate.quotientAndRemainder(dividingBy: EmissionSchedule.scale)
        let decayed = whole * EmissionSchedule.decay + rest * EmissionSchedule.decay / EmissionSchedule.scale
        return EmissionSchedule(epoch: try epoch.adding(1), rate: decayed)
    }

    private static let scale: UInt128 = 1_000_000_000_000_000_000

    /// D = ⌊10¹⁸ · e^−0.000475⌋, from Python's `decimal` at 60 digits:
    /// `int(Decimal(10)**18 * Decimal('-0.000475').exp())`; the digits that follow are 741869….
    private static let decay: UInt128 = 999_525_112_794_640_141
}
