import WireFormat

/// A bound of a schema: a number with few digits, exactly.
struct Decimal: Comparable {
    let isNegative: Bool
    /// The digits before the point, in [0, 10¹⁵).
    let whole: Int64
    /// The digits behind it, without zeros at the end; ten at most.
    let fraction: [UInt8]

    static let wholeMax: Int64 = 999_999_999_999_999
    static let fractionDigitsMax = 10

    init(isNegative: Bool, whole: Int64, fraction: [UInt8] = []) {
        (self.isNegative, self.whole, self.fraction) = (isNegative, whole, fraction)
    }

    /// Nil for a number with an exponent or too many digits.
    init?(_ number: JSONNumber) {
        let parts = number.text.split(separator: ".", omittingEmptySubsequences: false)
        guard let first = parts.first, let whole = Int64(first), whole.magnitude <= Decimal.wholeMax.magnitude,
            parts.count <= 2
        else { return nil }
        var fraction: [UInt8] = []
        for scalar in parts.dropFirst().first?.unicodeScalars ?? "".unicodeScalars[...] {
            guard ("0"..."9").contains(scalar) else { return nil }
            fraction.append(UInt8(scalar.value - 0x30))
        }
        while fraction.last == 0 { fraction.removeLast() }
        guard fraction.count <= Decimal.fractionDigitsMax else { return nil }
        let isZero = whole == 0 && fraction.isEmpty
        self.init(
            isNegative: number.isNegative && !isZero, whole: Int64(whole.magnitude), fraction: fraction)
    }

    /// The same distance from 0, on the other side.
    var negated: Decimal {
        Decimal(isNegative: !isNegative && (whole > 0 || !fraction.isEmpty), whole: whole, fraction: fraction)
    }

    /// The least integer that is not below it.
    var roundedUp: Int64 { isNegative ? -whole : whole + (fraction.isEmpty ? 0 : 1) }

    /// The greatest integer that is not above it.
    var roundedDown: Int64 { -negated.roundedUp }

    static func < (left: Decimal, right: Decimal) -> Bool {
        if left.isNegative != right.isNegative { return left.isNegative }
        if left.isNegative { return right.negated < left.negated }
        if left.whole != right.whole { return left.whole < right.whole }
        return left.fraction.lexicographicallyPrecedes(right.fraction)
    }
}
