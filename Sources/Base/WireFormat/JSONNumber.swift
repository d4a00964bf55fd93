import Primitives

/// A number as its text: nothing is rounded until somebody says how. `1`, `1.0` and `1e0` are three different numbers here.
public struct JSONNumber: Sendable {
    /// The text, by the grammar of RFC 8259.
    public let text: String

    public init(_ value: Int64) { text = String(value) }
    public init(_ value: UInt64) { text = String(value) }

    /// `millionths` ÷ 10⁶ as a decimal, without trailing zeros: −1 500 000 is `-1.5`.
    public init(millionths: Int64) {
        let (whole, rest) = millionths.magnitude.quotientAndRemainder(dividingBy: 1_000_000)
        let digits = String(rest)
        var fraction = String(repeating: "0", count: 6 - digits.count) + digits
        while fraction.utf8.last == UInt8(ascii: "0") { fraction.removeLast() }
        text = "\(millionths < 0 ? "-" : "")\(whole)" + (fraction.isEmpty ? "" : ".\(fraction)")
    }

    init(validated text: String) { self.text = text }

    /// The value where the text is an integer without fraction and exponent, in [−2⁶³, 2⁶³); `-0` is 0. Otherwise nil.
    public var int64: Int64? { Int64(text) }

    /// The value where the text is an integer without fraction and exponent, in [0, 2⁶⁴). Otherwise nil.
    public var uint64: UInt64? { isNegative ? nil : UInt64(text) }

    /// Whether the text begins with a minus sign; `-0` does.
    public var isNegative: Bool { text.utf8.first == UInt8(ascii: "-") }

    /// Whether the text has neither fraction nor exponent.
    public var isInteger: Bool { text.utf8.allSatisfy { $0 == UInt8(ascii: "-") || ($0 >= 0x30 && $0 <= 0x39) } }

    /// The value · 10⁶, rounded to the nearest integer and half to even, or nil where that is not an `Int64`. Exact:
    /// `0.7` is 700 000, and no floating point takes part.
    public var millionths: Int64? {
        let decimal = Decimal(text)
        // The first `kept` significant digits make up the integer part of value · 10⁶.
        let kept = decimal.pointPosition + 6
        var magnitude: UInt64 = 0
        for index in 0..<max(0, kept) {
            if magnitude == 0 && index >= decimal.digits.count { break }
            guard
                let next = (index < decimal.digits.count ? UInt64(decimal.digits[index]) : 0).added(
                    toTenTimes: magnitude)
            else { return nil }
            magnitude = next
        }
        if decimal.roundsUp(after: kept, isOdd: magnitude & 1 == 1) { magnitude += 1 }
        guard magnitude <= UInt64(Int64.max) else { return nil }
        return decimal.isNegative ? -Int64(magnitude) : Int64(magnitude)
    }
}

extension JSONNumber: Equatable {
    public static func == (left: JSONNumber, right: JSONNumber) -> Bool { left.text == right.text }
}

extension UInt64 {
    /// 10 · `magnitude` + self, or nil above 2⁶³, which is more than any answer needs.
    fileprivate func added(toTenTimes magnitude: UInt64) -> UInt64? {
        magnitude > UInt64(Int64.max) / 10 ? nil : magnitude * 10 + self
    }
}

/// The parts of a number's text: value = 0.d₀d₁d₂… · 10^pointPosition.
private struct Decimal {
    var isNegative = false
    /// Without leading zeros; empty for zero.
    var digits: [UInt8] = []
    var pointPosition = 0

    /// Far beyond what can reach an `Int64` with any text that a limit lets through.
    private static let exponentMax = 1_000_000

    init(_ text: String) {
        var exponent = 0
        var exponentIsNegative = false
        var part = Part.integer
        for byte in text.utf8 {
            switch (byte, part) {
            case (UInt8(ascii: "-"), .exponent): exponentIsNegative = true
            case (UInt8(ascii: "-"), _): isNegative = true
            case (UInt8(ascii: "."), _): part = .fraction
            case (UInt8(ascii: "e"), _), (UInt8(ascii: "E"), _): part = .exponent
            case (0x30...0x39, .exponent): exponent = min(Decimal.exponentMax, exponent * 10 + Int(byte - 0x30))
            case (0x30...0x39, _): append(byte - 0x30, part)
            default: break
            }
        }
        pointPosition = digits.isEmpty ? 0 : pointPosition + (exponentIsNegative ? -exponent : exponent)
    }

    private enum Part { case integer, fraction, exponent }

    private mutating func append(_ digit: UInt8, _ part: Part) {
        let leads = digits.isEmpty && digit == 0
        if !leads { digits.append(digit) }
        switch part {
        case .integer: pointPosition += leads ? 0 : 1
        case .fraction: pointPosition -= leads ? 1 : 0
        case .exponent: break
        }
    }

    /// Whether what follows the first `kept` digits is more than a half, or a half after an odd digit.
    func roundsUp(after kept: Int, isOdd: Bool) -> Bool {
        guard kept >= 0, kept < digits.count else { return false }
        if digits[kept] != 5 { return digits[kept] > 5 }
        return isOdd || digits[(kept + 1)...].contains { $0 != 0 }
    }
}
