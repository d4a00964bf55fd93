/// The numbers between two bounds as rules of digits: plain decimals, without exponents.
struct NumberRange {
    /// A bound, and whether the number may equal it.
    struct Bound: Equatable {
        let value: Decimal
        let isIncluded: Bool

        var negated: Bound { Bound(value: value.negated, isIncluded: isIncluded) }
    }

    private let least: Bound?
    private let most: Bound?
    private let fractionDigits: Int

    /// - Parameter fractionDigits: the most digits behind the point, in [0, 10].
    init(least: Bound?, most: Bound?, fractionDigits: Int) {
        (self.least, self.most, self.fractionDigits) = (least, most, fractionDigits)
    }

    /// Nil where no number is between them.
    func grammar() -> String? {
        let zero = Decimal(isNegative: false, whole: 0)
        var choices: [String] = []
        let atLeast = least.flatMap { $0.value.isNegative ? nil : $0 } ?? Bound(value: zero, isIncluded: true)
        if most.map({ !$0.value.isNegative }) ?? true {
            choices += Self.magnitudes(from: atLeast, to: most, fractionDigits).map { [$0] } ?? []
        }
        // Below zero the bounds change places, and zero itself is written without a sign.
        if least.map({ $0.value.isNegative }) ?? true {
            let from = most.flatMap { $0.value.isNegative ? $0.negated : nil } ?? Bound(value: zero, isIncluded: false)
            choices +=
                Self.magnitudes(from: from, to: least?.negated, fractionDigits).map { ["\"-\" (\($0))"] } ?? []
        }
        return choices.isEmpty ? nil : choices.joined(separator: " | ")
    }

    private static func magnitudes(from least: Bound, to most: Bound?, _ digits: Int) -> String? {
        let most = most ?? Bound(value: Decimal(isNegative: false, whole: Decimal.wholeMax + 1), isIncluded: false)
        let low = (digits: least.value.fraction, isIncluded: least.isIncluded)
        let high = (digits: most.value.fraction, isIncluded: most.isIncluded)
        let (first, last) = (least.value.whole, most.value.whole)
        guard first <= last else { return nil }
        if first == last { return decimal(first, fraction(low, high, digits)) }
        var choices = [decimal(first, fraction(low, nil, digits))]
        if first + 1 < last {
            let any = fraction(([], true), nil, digits) ?? ""
            choices.append(IntegerRange.grammar(from: first + 1, to: last - 1).map { "(\($0)) \(any)" })
        }
        choices.append(decimal(last, fraction(([], true), high, digits)))
        let known = choices.compactMap(\.self)
        return known.isEmpty ? nil : known.joined(separator: " | ")
    }

    private static func decimal(_ whole: Int64, _ fraction: String?) -> String? {
        fraction.map { whole > Decimal.wholeMax ? nil : "\"\(whole)\" \($0)" } ?? nil
    }

    typealias Edge = (digits: [UInt8], isIncluded: Bool)

    /// What may stand behind a whole part, its point included: fractions from `low` to `high`. Nil for none.
    private static func fraction(_ low: Edge, _ high: Edge?, _ room: Int) -> String? {
        let mayBeMissing = isReached(low, high)
        guard let digits = digits(low, high, room) else { return mayBeMissing ? "\"\"" : nil }
        return mayBeMissing ? "(\".\" \(digits))?" : "\".\" \(digits)"
    }

    /// Whether the fraction may end where these are what is left of the bounds.
    private static func isReached(_ low: Edge?, _ high: Edge?) -> Bool {
        (low.map { $0.digits.isEmpty && $0.isIncluded } ?? true)
            && (high.map { !$0.digits.isEmpty || $0.isIncluded } ?? true)
    }

    /// At least one digit more, at most `room`.
    private static func digits(_ low: Edge?, _ high: Edge?, _ room: Int) -> String? {
        guard room > 0 else { return nil }
        // From 0 on, the digits do not matter any more.
        let low = low.flatMap { $0.digits.isEmpty && $0.isIncluded ? nil : $0 }
        if low == nil && high == nil { return "[0-9]{1,\(room)}" }
        var choices: [String] = []
        var free: (first: UInt8, last: UInt8)?
        for digit: UInt8 in 0...9 {
            let (lowest, highest) = (low.map { $0.digits.first ?? 0 } ?? 0, high.map { $0.digits.first ?? 0 } ?? 9)
            guard lowest <= digit, digit <= highest else { continue }
            let lowRest = low.flatMap { digit == lowest ? Edge(Array($0.digits.dropFirst()), $0.isIncluded) : nil }
            let highRest = high.flatMap { digit == highest ? Edge(Array($0.digits.dropFirst()), $0.isIncluded) : nil }
            if lowRest == nil && highRest == nil {
                free = (free?.first ?? digit, digit)
            } else if let choice = choice(digit, lowRest, highRest, room - 1) {
                choices.append(choice)
            }
        }
        if let free {
            let rest = room > 1 ? " [0-9]{0,\(room - 1)}" : ""
            choices.append("[\(free.first)-\(free.last)]\(rest)")
        }
        return choices.isEmpty ? nil : "(\(choices.joined(separator: " | ")))"
    }

    private static func choice(_ digit: UInt8, _ low: Edge?, _ high: Edge?, _ room: Int) -> String? {
        let mayEnd = isReached(low, high)
        guard let rest = digits(low, high, room) else { return mayEnd ? "\"\(digit)\"" : nil }
        return "\"\(digit)\" " + (mayEnd ? "(\(rest))?" : rest)
    }
}
