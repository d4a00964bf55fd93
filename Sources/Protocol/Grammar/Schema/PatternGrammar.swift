/// ECMAScript's regular expressions as rules for the inside of a JSON string.
///
/// What dialects read differently is left out, so that every reader of the pattern agrees about the words: characters beyond
/// the Basic Multilingual Plane, and the white space and digits of other scripts. Without anchors anything may stand around.
struct PatternGrammar {
    private let scalars: [Unicode.Scalar]
    private var position = 0
    private var depth = 0

    private static let lengthMax = 4096
    private static let nestingMax = 24

    /// - Parameters:
    ///   - anyCharacter: the rule of one character of a string.
    /// - Returns: what stands between the quotation marks.
    static func grammar(of pattern: String, anyCharacter: String) throws(PatternError) -> String {
        guard pattern.utf8.count <= lengthMax else { throw PatternError("it is longer than \(lengthMax) bytes") }
        var parser = PatternGrammar(scalars: Array(pattern.unicodeScalars))
        var choices: [String] = []
        repeat {
            let isFromStart = parser.take("^")
            let body = try parser.sequence()
            let isToEnd = parser.take("$")
            choices.append((isFromStart ? "" : "\(anyCharacter)* ") + body + (isToEnd ? "" : " \(anyCharacter)*"))
        } while parser.take("|")
        guard parser.next == nil else { throw PatternError("\(parser.named) is not supported there") }
        return choices.joined(separator: " | ")
    }

    private init(scalars: [Unicode.Scalar]) { self.scalars = scalars }

    private var next: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

    private var named: String { next.map { "\"\($0)\"" } ?? "its end" }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard next == scalar else { return false }
        position += 1
        return true
    }

    /// Elements up to `|`, `)`, `$` or the end.
    private mutating func sequence() throws(PatternError) -> String {
        var elements: [String] = []
        while let scalar = next, scalar != "|", scalar != ")", scalar != "$" {
            let element = try atom()
            elements.append(element + (try quantifier()))
        }
        return elements.isEmpty ? "\"\"" : elements.joined(separator: " ")
    }

    private mutating func atom() throws(PatternError) -> String {
        guard let scalar = next else { throw PatternError("it ends too soon") }
        switch scalar {
        case "(": return try group()
        case "[": return try Self.element(try characterClass())
        case ".":
            position += 1
            return try Self.element(PatternClass.anyButLineBreaks)
        case "\\":
            position += 1
            return try Self.element(try escape())
        case "^", "*", "+", "?", "{", "}", "]": throw PatternError("\(named) is not supported there")
        default:
            position += 1
            return try Self.element(CodePointSet(of: String(Character(scalar))))
        }
    }

    private mutating func group() throws(PatternError) -> String {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.nestingMax else {
            throw PatternError("groups are nested more than \(Self.nestingMax) deep")
        }
        position += 1
        if take("?") { try groupKind() }
        var choices = [try sequence()]
        while take("|") { choices.append(try sequence()) }
        guard take(")") else { throw PatternError("\(named) is not supported inside a group") }
        return "(\(choices.joined(separator: " | ")))"
    }

    /// `:` or a name; what looks around is refused.
    private mutating func groupKind() throws(PatternError) {
        if take(":") { return }
        guard take("<"), let first = next, first.properties.isAlphabetic || first == "_" else {
            throw PatternError("groups that look around are not supported")
        }
        while let scalar = next, scalar != ">" { position += scalar == ")" ? scalars.count : 1 }
        guard take(">") else { throw PatternError("a group's name does not end") }
    }

    private mutating func quantifier() throws(PatternError) -> String {
        var sign = ""
        if take("*") { sign = "*" } else if take("+") { sign = "+" } else if take("?") { sign = "?" }
        if sign.isEmpty && take("{") { sign = try counted() }
        // A lazy quantifier finds the same texts.
        if !sign.isEmpty { _ = take("?") }
        return sign
    }

    private mutating func counted() throws(PatternError) -> String {
        guard let least = number() else { throw PatternError("a count should follow {") }
        guard take(",") else {
            guard take("}") else { throw PatternError("} should follow a count") }
            return "{\(least)}"
        }
        let most = number()
        guard take("}"), most.map({ least <= $0 }) ?? true else { throw PatternError("a count is not {m,n}") }
        guard max(least, most ?? 0) <= Self.countMax else { throw PatternError("a count is above \(Self.countMax)") }
        return "{\(least),\(most.map(String.init) ?? "")}"
    }

    private static let countMax = 1024

    private mutating func number() -> Int? {
        let start = position
        var value = 0
        while let scalar = next, ("0"..."9").contains(scalar) {
            value = min(Self.countMax + 1, value * 10 + Int(scalar.value - 0x30))
            position += 1
        }
        return position > start ? value : nil
    }

    private mutating func characterClass() throws(PatternError) -> CodePointSet {
        position += 1
        let isNegated = take("^")
        var set = CodePointSet([])
        while !take("]") {
            let first = try member()
            let isRange = next == "-" && position + 1 < scalars.count && scalars[position + 1] != "]"
            guard isRange else {
                set = set.union(first)
                continue
            }
            position += 1
            guard let low = first.single, let high = try member().single, low <= high else {
                throw PatternError("a range of a class does not go from one character to a later one")
            }
            set = set.union(CodePointSet([CodePointSet.Interval(low, high)]))
        }
        return isNegated ? PatternClass.complement(of: set) : set
    }

    /// One character or escape of a class.
    private mutating func member() throws(PatternError) -> CodePointSet {
        guard let scalar = next else { throw PatternError("a class does not end") }
        position += 1
        if scalar != "\\" { return CodePointSet(of: String(Character(scalar))) }
        if take("b") { return CodePointSet(of: "\u{8}") }
        return try escape()
    }

    /// What an escape stands for; `position` is behind the backslash.
    private mutating func escape() throws(PatternError) -> CodePointSet {
        guard let scalar = next else { throw PatternError("it ends in the middle of an escape") }
        position += 1
        switch scalar {
        case "d": return PatternClass.digits
        case "D": return PatternClass.notDigits
        case "w": return PatternClass.word
        case "W": return PatternClass.notWord
        case "s": return PatternClass.space
        case "S": return PatternClass.notSpace
        case "n": return CodePointSet(of: "\n")
        case "r": return CodePointSet(of: "\r")
        case "t": return CodePointSet(of: "\t")
        case "f": return CodePointSet(of: "\u{c}")
        case "v": return CodePointSet(of: "\u{b}")
        case "x": return try codePoint(digits: 2)
        case "u": return try codePoint(digits: 4)
        case "a"..."z", "A"..."Z", "0"..."9": throw PatternError("the escape \\\(scalar) is not supported")
        default: return CodePointSet(of: String(Character(scalar)))
        }
    }

    private mutating func codePoint(digits: Int) throws(PatternError) -> CodePointSet {
        var value: UInt32 = 0
        for _ in 0..<digits {
            guard let digit = next.flatMap({ Character($0).hexDigitValue }), next?.isASCII == true else {
                throw PatternError("an escape has not \(digits) hexadecimal digits")
            }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        guard let scalar = Unicode.Scalar(value) else { throw PatternError("half a surrogate pair is not supported") }
        return CodePointSet(of: String(Character(scalar)))
    }

    private static func element(_ set: CodePointSet) throws(PatternError) -> String {
        guard set.intersection(PatternClass.basicPlane) == set else {
            throw PatternError("characters beyond U+FFFF are not supported")
        }
        return try PatternClass.element(set)
    }
}

extension CodePointSet {
    /// Its only scalar, or nil.
    fileprivate var single: UInt32? {
        guard intervals.count == 1, intervals[0].low == intervals[0].high else { return nil }
        return intervals[0].low
    }
}
