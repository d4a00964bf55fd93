/// A number of base coins, `ngonka`. 1 GNK = 10⁹ ngonka. Never negative, never floating point.
public struct Amount: Hashable, Comparable, Sendable {
    /// The base denomination, the only one of this network.
    public static let denomination = "ngonka"
    /// ngonka in one GNK.
    public static let ngonkaPerGNK: UInt64 = 1_000_000_000
    public static let zero = Amount(0)

    /// The count of ngonka, in [0, 2⁶⁴).
    public let ngonka: UInt64

    public init(_ ngonka: UInt64) { self.ngonka = ngonka }

    public static func < (left: Amount, right: Amount) -> Bool { left.ngonka < right.ngonka }

    /// The sum; throws `.overflow`.
    public func adding(_ other: Amount) throws(ArithmeticError) -> Amount { Amount(try ngonka.adding(other.ngonka)) }

    /// The difference; throws `.underflow` where `other` is larger.
    public func subtracting(_ other: Amount) throws(ArithmeticError) -> Amount {
        Amount(try ngonka.subtracting(other.ngonka))
    }

    /// ⌊self · partsPerMillion ÷ 10⁶⌋.
    public func shareRoundingDown(partsPerMillion: UInt64) throws(ArithmeticError) -> Amount {
        Amount(try ngonka.scaledRoundingDown(by: partsPerMillion, over: 1_000_000))
    }
}

extension Amount: CustomStringConvertible {
    /// For example `1500ngonka`, the form that wallets use.
    public var description: String { String(ngonka) + Amount.denomination }

    /// For example `1.500000000 GNK`, for people.
    public var inGNK: String {
        let fraction = String(ngonka % Amount.ngonkaPerGNK)
        return "\(ngonka / Amount.ngonkaPerGNK).\(String(repeating: "0", count: 9 - fraction.count))\(fraction) GNK"
    }
}
