/// Why a checked operation has no answer. It rejects one transaction or parks one record; it never stops a node.
public enum ArithmeticError: Error, Equatable, Sendable {
    case overflow
    case underflow
    case divisionByZero
}

/// Arithmetic that throws instead of trapping: a trap in the ledger would stop every node at the same block.
extension FixedWidthInteger where Self: UnsignedInteger {
    /// `self + other`; throws `.overflow` above `Self.max`.
    public func adding(_ other: Self) throws(ArithmeticError) -> Self {
        let (sum, overflow) = addingReportingOverflow(other)
        if overflow { throw .overflow }
        return sum
    }

    /// `self − other`; throws `.underflow` below zero.
    public func subtracting(_ other: Self) throws(ArithmeticError) -> Self {
        let (difference, overflow) = subtractingReportingOverflow(other)
        if overflow { throw .underflow }
        return difference
    }

    /// `self · other`; throws `.overflow` above `Self.max`.
    public func multiplied(by other: Self) throws(ArithmeticError) -> Self {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        if overflow { throw .overflow }
        return product
    }

    /// ⌊self ÷ divisor⌋; throws `.divisionByZero`.
    public func dividedRoundingDown(by divisor: Self) throws(ArithmeticError) -> Self {
        if divisor == 0 { throw .divisionByZero }
        return self / divisor
    }

    /// ⌈self ÷ divisor⌉; throws `.divisionByZero`.
    public func dividedRoundingUp(by divisor: Self) throws(ArithmeticError) -> Self {
        if divisor == 0 { throw .divisionByZero }
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder == 0 ? quotient : quotient + 1
    }
}

extension UInt64 {
    /// ⌊self · numerator ÷ denominator⌋ with a 128-bit product; throws `.overflow` where the result needs more than 64 bits.
    public func scaledRoundingDown(by numerator: UInt64, over denominator: UInt64) throws(ArithmeticError) -> UInt64 {
        if denominator == 0 { throw .divisionByZero }
        let quotient = UInt128(self) * UInt128(numerator) / UInt128(denominator)
        guard let result = UInt64(exactly: quotient) else { throw .overflow }
        return result
    }
}
