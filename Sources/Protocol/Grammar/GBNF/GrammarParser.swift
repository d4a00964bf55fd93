/// Reads GBNF, the dialect of llama.cpp: `name ::= alternative | alternative`, literals, character classes, `.`, groups,
/// `*`, `+`, `?`, `{m}`, `{m,}`, `{m,n}`, and comments from `#` to the end of the line.
///
/// Outside a group a rule ends with its line unless the next line begins with `|`. Linear in the text; never traps.
struct GrammarParser {
    /// A rule as it was written.
    struct Rule {
        let name: String
        /// Where it was first named, in scalars.
        let position: Int
        /// Nil where it is used and never defined.
        var body: GrammarElement?
    }

    let scalars: [Unicode.Scalar]
    var position = 0
    private var rules: [Rule] = []
    private var numbers: [String: Int] = [:]

    private init(_ text: String) { scalars = Array(text.unicodeScalars) }

    /// The rules of `text`, all defined; `root` is one of them.
    static func parse(_ text: String) throws(GrammarError) -> [Rule] {
        guard text.utf8.count <= GrammarLimits.bytesMax else {
            throw GrammarError(.tooLong(bytesMax: GrammarLimits.bytesMax), offset: GrammarLimits.bytesMax)
        }
        var parser = GrammarParser(text)
        parser.skipSpace(acrossLines: true)
        while parser.position < parser.scalars.count { try parser.rule() }
        for rule in parser.rules where rule.body == nil {
            throw parser.error(.undefinedRule(rule.name), at: rule.position)
        }
        guard parser.numbers["root"] != nil else { throw parser.error(.noRoot) }
        return parser.rules
    }

    var next: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

    /// The error at the current scalar, or at that of `place`.
    func error(_ reason: GrammarError.Reason, at place: Int? = nil) -> GrammarError {
        GrammarError(reason, offset: scalars[..<(place ?? position)].reduce(0) { $0 + UTF8.width($1) })
    }

    private mutating func rule() throws(GrammarError) {
        let start = position
        let number = try reference(try name())
        skipSpace(acrossLines: false)
        for scalar in "::=".unicodeScalars {
            guard next == scalar else { throw error(.expected("::=")) }
            position += 1
        }
        skipSpace(acrossLines: true)
        let body = try alternatives(depth: 0)
        if next != nil && !take("\n") && !take("\r") { throw error(.expected("the end of the line")) }
        skipSpace(acrossLines: true)
        guard rules[number].body == nil else { throw error(.duplicateRule(rules[number].name), at: start) }
        rules[number].body = body
    }

    /// The number of the rule of this name, which may still be undefined.
    private mutating func reference(_ name: String) throws(GrammarError) -> Int {
        if let number = numbers[name] { return number }
        guard rules.count < GrammarLimits.rulesMax else { throw error(.tooManyRules(max: GrammarLimits.rulesMax)) }
        rules.append(Rule(name: name, position: position, body: nil))
        numbers[name] = rules.count - 1
        return rules.count - 1
    }

    private mutating func name() throws(GrammarError) -> String {
        let start = position
        while let scalar = next, Self.isOfAName(scalar) { position += 1 }
        guard position > start else { throw error(.expected("the name of a rule")) }
        return String(String.UnicodeScalarView(scalars[start..<position]))
    }

    private static func isOfAName(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "-", "_": true
        default: false
        }
    }

    /// - Parameter depth: how many groups are open; inside one, line breaks are white space.
    private mutating func alternatives(depth: Int) throws(GrammarError) -> GrammarElement {
        guard depth <= GrammarLimits.nestingMax else { throw error(.tooDeep(nestingMax: GrammarLimits.nestingMax)) }
        var choices = [try sequence(depth: depth)]
        while continuesWithAlternative() {
            position += 1
            skipSpace(acrossLines: true)
            choices.append(try sequence(depth: depth))
        }
        return choices.count == 1 ? choices[0] : .alternatives(choices)
    }

    /// Moves over line breaks where a `|` follows them.
    private mutating func continuesWithAlternative() -> Bool {
        let before = position
        skipSpace(acrossLines: true)
        if next == "|" { return true }
        position = before
        return false
    }

    private mutating func sequence(depth: Int) throws(GrammarError) -> GrammarElement {
        var elements: [GrammarElement] = []
        while let scalar = next {
            var element: GrammarElement
            switch scalar {
            case "\"": element = .literal(try literal())
            case "[": element = .oneOf(try characterClass())
            case ".":
                position += 1
                element = .oneOf(.all)
            case "(": element = try group(depth: depth)
            case "*", "+", "?", "{": throw error(.nothingToRepeat)
            default:
                guard Self.isOfAName(scalar) else { return .sequence(elements) }
                element = .rule(try reference(try name()))
            }
            skipSpace(acrossLines: depth > 0)
            // One sign only: a second one would find nothing to repeat.
            if let (least, most) = try repetition() {
                element = .repeated(element, least: least, most: most)
                skipSpace(acrossLines: depth > 0)
            }
            elements.append(element)
        }
        return .sequence(elements)
    }

    private mutating func group(depth: Int) throws(GrammarError) -> GrammarElement {
        position += 1
        skipSpace(acrossLines: true)
        let body = try alternatives(depth: depth + 1)
        skipSpace(acrossLines: true)
        guard take(")") else { throw error(next == nil ? .unexpectedEnd : .expected(")")) }
        return body
    }

    mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard next == scalar else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace(acrossLines: Bool) {
        while let scalar = next {
            switch scalar {
            case " ", "\t": position += 1
            case "\n", "\r":
                guard acrossLines else { return }
                position += 1
            case "#":
                while let scalar = next, scalar != "\n", scalar != "\r" { position += 1 }
            default: return
            }
        }
    }
}
