/// Keys that are none of some names, spelled without escapes.
struct KeyExclusion {
    private let names: [[Unicode.Scalar]]

    init(_ names: [String]) {
        // A name that needs an escape cannot be spelled without one.
        self.names = names.map { Array($0.unicodeScalars) }.filter { name in
            name.allSatisfy { GrammarText.plainCharacters.contains($0.value) }
        }
    }

    /// What stands between the quotation marks.
    func write(to text: inout GrammarText) throws(SchemaError) -> String {
        let character = GrammarText.characterClass(GrammarText.plainCharacters)
        guard !names.isEmpty else { return try text.rule("key", "\(character)*") }
        var count = 0
        return try rule(names[...], from: 0, any: character, &count, &text)
    }

    /// The rule for what follows the first `depth` characters of `names`, which all begin alike.
    private func rule(
        _ names: ArraySlice<[Unicode.Scalar]>, from depth: Int, any: String, _ count: inout Int,
        _ text: inout GrammarText
    ) throws(SchemaError) -> String {
        count += 1
        guard depth <= Self.lengthMax, count <= Self.nodesMax else {
            throw SchemaError(path: "#", reason: "names beside additionalProperties are too long")
        }
        let isName = names.contains { $0.count == depth }
        let longer = names.filter { $0.count > depth }
        var heads: [Unicode.Scalar] = []
        for name in longer where !heads.contains(name[depth]) { heads.append(name[depth]) }
        let taken = CodePointSet(heads.map { CodePointSet.Interval($0.value, $0.value) })
        var choices = isName ? [] : ["\"\""]
        choices.append("\(GrammarText.characterClass(GrammarText.plainCharacters.subtracting(taken))) \(any)*")
        for head in heads {
            let rest = longer.filter { $0[depth] == head }
            let tail = try rule(rest[...], from: depth + 1, any: any, &count, &text)
            choices.append("\(GrammarText.literal(String(Character(head)))) \(tail)")
        }
        return try text.rule("key", choices.joined(separator: " | "))
    }

    private static let lengthMax = 128
    private static let nodesMax = 4096
}
