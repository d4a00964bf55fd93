import WireFormat

/// Numbers with their bounds.
extension SchemaCompiler {
    mutating func number(_ schema: JSONObject, isInteger: Bool, at path: String) throws(SchemaError) -> String {
        let least = try bound("minimum", "exclusiveMinimum", schema, at: path) { $0 > $1 }
        let most = try bound("maximum", "exclusiveMaximum", schema, at: path) { $0 < $1 }
        let step = try multiple(schema, at: path)
        if isInteger || step.isWhole {
            return try integer(least, most, of: step.whole, at: path)
        }
        if least == nil && most == nil && step.fractionDigits == nil { return try text.number() }
        let digits = step.fractionDigits ?? Decimal.fractionDigitsMax
        guard let body = NumberRange(least: least, most: most, fractionDigits: digits).grammar() else {
            throw refusal(path, "no number is within its bounds")
        }
        return try text.rule("decimal", body)
    }

    private mutating func integer(
        _ least: NumberRange.Bound?, _ most: NumberRange.Bound?, of step: Int64, at path: String
    ) throws(SchemaError) -> String {
        if least == nil && most == nil && step == 1 { return try text.integer() }
        let low = least.map {
            $0.isIncluded || !$0.value.fraction.isEmpty ? $0.value.roundedUp : $0.value.roundedUp + 1
        }
        let high = most.map {
            $0.isIncluded || !$0.value.fraction.isEmpty ? $0.value.roundedDown : $0.value.roundedDown - 1
        }
        if step == 1 {
            let range = IntegerRange.grammar(from: low ?? -Decimal.wholeMax, to: high ?? Decimal.wholeMax)
            guard let range else { throw refusal(path, "no integer is within its bounds") }
            return try text.rule("range", range)
        }
        if let low, let high { return try multiples(of: step, from: low, to: high, at: path) }
        guard low == nil || low == 0, high == nil else {
            throw refusal("\(path)/multipleOf", "beside one bound alone only a minimum of 0 is supported")
        }
        let digits = try remainders(of: step, at: path)
        return try text.rule("multiple", low == 0 ? digits : "\"-\"? \(digits)")
    }

    private mutating func multiples(
        of step: Int64, from low: Int64, to high: Int64, at path: String
    ) throws(SchemaError) -> String {
        var first = low / step * step
        if first < low { first += step }
        guard first <= high else { throw refusal(path, "no multiple is within its bounds") }
        guard (high - first) / step < Int64(Self.multiplesMax) else {
            throw refusal("\(path)/multipleOf", "more than \(Self.multiplesMax) multiples are within the bounds")
        }
        let values = stride(from: first, through: high, by: Int64.Stride(step)).map { "\"\($0)\"" }
        return try text.rule("multiple", values.joined(separator: " | "))
    }

    /// Digits that make a multiple of `step`, without a sign: a rule for each remainder.
    private mutating func remainders(of step: Int64, at path: String) throws(SchemaError) -> String {
        guard step <= Self.remaindersMax else {
            throw refusal("\(path)/multipleOf", "above \(Self.remaindersMax) it needs a minimum and a maximum")
        }
        // [remainder][digits left]: bounded, as every number here is.
        var rules = [String?](repeating: nil, count: Int(step))
        rules[0] = "\"\""
        for _ in 1..<Self.multipleDigitsMax {
            var next = [String?](repeating: nil, count: Int(step))
            for remainder in 0..<Int(step) {
                var choices = remainder == 0 ? ["\"\""] : []
                for digit in 0...9 {
                    guard let rest = rules[(remainder * 10 + digit) % Int(step)] else { continue }
                    choices.append("\"\(digit)\" \(rest)")
                }
                if !choices.isEmpty { next[remainder] = try text.rule("mod", choices.joined(separator: " | ")) }
            }
            rules = next
        }
        let choices = (1...9).compactMap { digit in rules[digit % Int(step)].map { "\"\(digit)\" \($0)" } }
        return try text.rule("mod", "\"0\" | \(choices.joined(separator: " | "))")
    }

    private static let multiplesMax = 1024
    private static let remaindersMax: Int64 = 64
    private static let multipleDigitsMax = 9

    /// The stricter of a bound and its exclusive form.
    private func bound(
        _ keyword: String, _ exclusive: String, _ schema: JSONObject, at path: String,
        _ isStricter: (Decimal, Decimal) -> Bool
    ) throws(SchemaError) -> NumberRange.Bound? {
        let plain = try decimal(keyword, schema, at: path)
        // OpenAPI 3.0 has a boolean that says how the plain bound is meant.
        if case .boolean(let isExclusive) = schema[exclusive] {
            return plain.map { NumberRange.Bound(value: $0, isIncluded: !isExclusive) }
        }
        guard let other = try decimal(exclusive, schema, at: path) else {
            return plain.map { NumberRange.Bound(value: $0, isIncluded: true) }
        }
        if let plain, isStricter(plain, other) { return NumberRange.Bound(value: plain, isIncluded: true) }
        return NumberRange.Bound(value: other, isIncluded: false)
    }

    private func decimal(_ keyword: String, _ schema: JSONObject, at path: String) throws(SchemaError) -> Decimal? {
        guard let value = schema[keyword] else { return nil }
        guard let number = value.number, let decimal = Decimal(number) else {
            throw refusal(
                "\(path)/\(keyword)",
                "a bound is a number without exponent, of at most 15 digits and 10 behind the point")
        }
        return decimal
    }

    /// `multipleOf`: an integer, or 0.1, 0.01 … which say how many digits stand behind the point.
    private func multiple(
        _ schema: JSONObject, at path: String
    ) throws(SchemaError) -> (isWhole: Bool, whole: Int64, fractionDigits: Int?) {
        guard let step = try decimal("multipleOf", schema, at: path) else { return (false, 1, nil) }
        if !step.isNegative, step.fraction.isEmpty, step.whole > 0 { return (true, step.whole, nil) }
        let isPowerOfTen = step.whole == 0 && step.fraction.last == 1 && step.fraction.dropLast().allSatisfy { $0 == 0 }
        guard !step.isNegative, isPowerOfTen else {
            throw refusal("\(path)/multipleOf", "only integers, 0.1, 0.01 and so on are supported")
        }
        return (false, 1, step.fraction.count)
    }
}
