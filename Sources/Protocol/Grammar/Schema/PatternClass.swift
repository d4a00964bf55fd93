/// The character classes of regular expressions, and how a JSON string spells their members.
enum PatternClass {
    private typealias Interval = CodePointSet.Interval

    static let basicPlane = CodePointSet([Interval(0, 0xffff)])
    static let digits = CodePointSet([Interval(0x30, 0x39)])
    static let word = CodePointSet([
        Interval(0x30, 0x39), Interval(0x41, 0x5a), Interval(0x5f, 0x5f), Interval(0x61, 0x7a),
    ])
    /// The white space that every dialect knows.
    static let space = CodePointSet(of: " \t\n\r\u{b}\u{c}")

    /// Beyond ASCII some dialects have more digits and letters: neither a class nor its complement holds them.
    private static let ascii = CodePointSet([Interval(0, 0x7f)])
    static let notDigits = ascii.subtracting(digits)
    static let notWord = ascii.subtracting(word)
    /// Without what some dialect takes for white space.
    static let notSpace = basicPlane.subtracting(
        CodePointSet([
            Interval(0x09, 0x0d), Interval(0x1c, 0x20), Interval(0x85, 0x85), Interval(0xa0, 0xa0),
            Interval(0x1680, 0x1680),
            Interval(0x180e, 0x180e), Interval(0x2000, 0x200a), Interval(0x2028, 0x2029), Interval(0x202f, 0x202f),
            Interval(0x205f, 0x205f), Interval(0x3000, 0x3000), Interval(0xfeff, 0xfeff),
        ]))
    static let anyButLineBreaks = basicPlane.subtracting(
        CodePointSet([Interval(0x0a, 0x0a), Interval(0x0d, 0x0d), Interval(0x85, 0x85), Interval(0x2028, 0x2029)]))

    /// `[^…]`: without what another dialect might count to a class among the members.
    static func complement(of set: CodePointSet) -> CodePointSet {
        var all = basicPlane.subtracting(set)
        let isOfClasses = [digits, word].contains { set.intersection($0) == $0 }
        if isOfClasses { all = all.intersection(ascii) }
        if set.intersection(space) == space { all = all.intersection(notSpace) }
        return all
    }

    /// One member of `set` as a JSON string spells it, in its usual spelling.
    static func element(_ set: CodePointSet) throws(PatternError) -> String {
        let plain = set.intersection(GrammarText.plainCharacters)
        var choices = plain.isEmpty ? [] : [GrammarText.characterClass(plain)]
        for (scalar, spelling) in shortEscapes where set.contains(scalar.value) {
            choices.append(GrammarText.literal(spelling))
        }
        guard !choices.isEmpty else { throw PatternError("a class is empty, or has control characters only") }
        return choices.count == 1 ? choices[0] : "(\(choices.joined(separator: " | ")))"
    }

    private static let shortEscapes: [(scalar: Unicode.Scalar, spelling: String)] = [
        ("\"", "\\\""), ("\\", "\\\\"), ("\u{8}", "\\b"), ("\u{c}", "\\f"), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t"),
    ]
}
