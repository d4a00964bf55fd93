/// Literals, character classes and repetitions.
extension GrammarParser {
    /// What stands between quotation marks; `position` is on the first.
    mutating func literal() throws(GrammarError) -> [Unicode.Scalar] {
        position += 1
        var literal: [Unicode.Scalar] = []
        while !take("\"") { literal.append(try scalar()) }
        return literal
    }

    /// A class; `position` is on its bracket.
    mutating func characterClass() throws(GrammarError) -> CodePointSet {
        position += 1
        let isNegated = take("^")
        var intervals: [CodePointSet.Interval] = []
        while !take("]") {
            guard intervals.count < GrammarLimits.classRangesMax else {
                throw error(.classTooLong(rangesMax: GrammarLimits.classRangesMax))
            }
            let low = try scalar().value
            // A hyphen before the closing bracket stands for itself.
            let isRange = next == "-" && position + 1 < scalars.count && scalars[position + 1] != "]"
            if isRange { position += 1 }
            let high = isRange ? try scalar().value : low
            guard low <= high else { throw error(.emptyRange) }
            intervals.append(CodePointSet.Interval(low, high))
        }
        let set = CodePointSet(intervals)
        return isNegated ? set.inverted : set
    }

    /// One scalar of a literal or a class, an escape perhaps.
    private mutating func scalar() throws(GrammarError) -> Unicode.Scalar {
        guard let scalar = next else { throw error(.unexpectedEnd) }
        position += 1
        guard scalar == "\\" else { return scalar }
        guard let escape = next else { throw error(.unexpectedEnd) }
        position += 1
        switch escape {
        case "n": return "\n"
        case "r": return "\r"
        case "t": return "\t"
        case "\\", "\"", "[", "]", "-", "^": return escape
        case "x": return try codePoint(digits: 2)
        case "u": return try codePoint(digits: 4)
        case "U": return try codePoint(digits: 8)
        default: throw error(.invalidEscape)
        }
    }

    private mutating func codePoint(digits: Int) throws(GrammarError) -> Unicode.Scalar {
        var value: UInt32 = 0
        for _ in 0..<digits {
            guard let scalar = next else { throw error(.unexpectedEnd) }
            let digit: UInt32
            switch scalar {
            case "0"..."9": digit = scalar.value - 0x30
            case "a"..."f": digit = scalar.value - 0x61 + 10
            case "A"..."F": digit = scalar.value - 0x41 + 10
            default: throw error(.invalidEscape)
            }
            position += 1
            value = value << 4 | digit
        }
        guard let scalar = Unicode.Scalar(value) else { throw error(.invalidCodePoint) }
        return scalar
    }

    /// What a sign after an element asks for, or nil where none follows.
    mutating func repetition() throws(GrammarError) -> (least: Int, most: Int?)? {
        if take("*") { return (0, nil) }
        if take("+") { return (1, nil) }
        if take("?") { return (0, 1) }
        guard take("{") else { return nil }
        let least = try count()
        var most: Int? = least
        skipBlanks()
        if take(",") {
            skipBlanks()
            most = next == "}" ? nil : try count()
            skipBlanks()
        }
        guard take("}") else { throw error(next == nil ? .unexpectedEnd : .expected("}")) }
        if let most, most < least { throw error(.emptyRepetition) }
        return (least, most)
    }

    private mutating func skipBlanks() { while next == " " { position += 1 } }

    private mutating func count() throws(GrammarError) -> Int {
        skipBlanks()
        let start = position
        var value = 0
        while let scalar = next, ("0"..."9").contains(scalar) {
            value = value * 10 + Int(scalar.value - 0x30)
            guard value <= GrammarLimits.repetitionMax else {
                throw error(.repetitionTooHigh(max: GrammarLimits.repetitionMax))
            }
            position += 1
        }
        guard position > start else { throw error(next == nil ? .unexpectedEnd : .expected("a number")) }
        return value
    }
}
