/// A grammar that is being written: the same calls give the same text.
struct GrammarText {
    private var lines: [String] = []
    private var byteCount = 0
    /// [body]: the rule that has it already.
    private var names: [String: String] = [:]
    private var count = 0
    /// The rules of any value and any object, once they are there.
    var known: (value: String, object: String)?

    /// The name of a rule with this body, which is written unless it is there already.
    mutating func rule(_ hint: String, _ body: String) throws(SchemaError) -> String {
        if let name = names[body] { return name }
        let name = reserve(hint)
        try define(name, body)
        names[body] = name
        return name
    }

    /// A name whose rule is defined later: what is between may refer to it.
    mutating func reserve(_ hint: String) -> String {
        count += 1
        return "\(hint)-\(count)"
    }

    mutating func define(_ name: String, _ body: String) throws(SchemaError) {
        let line = "\(name) ::= \(body)"
        byteCount += line.utf8.count + 1
        guard byteCount < GrammarLimits.bytesMax, lines.count < GrammarLimits.rulesMax else {
            throw SchemaError(
                path: "#", reason: "its grammar is larger than \(GrammarLimits.bytesMax) bytes; describe less")
        }
        lines.append(line)
    }

    /// The whole text, which is held to every rule that its reader will hold it to.
    ///
    /// - Parameters:
    ///   - root: what words are.
    ///   - path: of the schema, for errors.
    func finish(root: String, path: String) throws(SchemaError) -> String {
        let text = (["root ::= \(root)"] + lines).joined(separator: "\n") + "\n"
        do {
            _ = try Grammar(gbnf: text)
        } catch {
            throw SchemaError(path: path, reason: Self.complaint(error.reason))
        }
        return text
    }

    private static func complaint(_ reason: GrammarError.Reason) -> String {
        switch reason {
        case .leftRecursion: "a $ref leads back to itself without a property or an item between"
        case .emptyLanguage: "nothing satisfies it"
        case .tooLarge, .tooLong, .tooManyRules, .classTooLong: "its grammar is too large; describe less"
        case .tooDeep: "it is nested too deep"
        default: "no grammar follows from it (\(GrammarError(reason, offset: 0)))"
        }
    }

    /// Exactly `text`.
    static func literal(_ text: String) -> String {
        "\"" + text.unicodeScalars.map { escaped($0, beyond: "\"\\") }.joined() + "\""
    }

    /// One scalar of `set`.
    static func characterClass(_ set: CodePointSet) -> String {
        let ranges = set.intervals.map { interval in
            let ends = interval.low == interval.high ? [interval.low] : [interval.low, interval.high]
            return ends.compactMap(Unicode.Scalar.init).map { escaped($0, beyond: "[]-\\\"") }.joined(separator: "-")
        }
        return "[" + ranges.joined() + "]"
    }

    private static func escaped(_ scalar: Unicode.Scalar, beyond special: String) -> String {
        switch scalar {
        case "\n": return "\\n"
        case "\r": return "\\r"
        case "\t": return "\\t"
        default: break
        }
        // llama.cpp knows no other way to write these two inside a class.
        if special.contains("-"), scalar == "-" || scalar == "^" { return scalar == "-" ? "\\x2D" : "\\x5E" }
        if special.unicodeScalars.contains(scalar) { return "\\" + String(Character(scalar)) }
        if (0x20..<0x7f).contains(scalar.value) { return String(Character(scalar)) }
        let digits = String(scalar.value, radix: 16)
        let width = scalar.value > 0xffff ? 8 : 4
        return (width == 8 ? "\\U" : "\\u") + String(repeating: "0", count: width - digits.utf8.count) + digits
    }
}
