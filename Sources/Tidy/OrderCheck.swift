/// Walks over dictionaries and sets in plain targets: their order differs in every process.
///
/// Found by name: a name that is declared in the same file with a dictionary's or a set's type, then iterated. Sorting
/// at once is fine, and so is a walk whose comment says why the order does not matter.
struct OrderCheck {
    private static let walks: Set<Substring> = [
        "map", "compactMap", "flatMap", "filter", "reduce", "forEach", "first", "min", "max", "keys", "values",
        "enumerated",
        "prefix", "joined",
    ]

    static func findings(in tree: SourceTree) -> [Finding] {
        let folders = tree.plainFolders
        return tree.sources.filter { source in folders.contains { source.path.hasPrefix($0) } }.flatMap(findings)
    }

    private static func findings(in source: SwiftSource) -> [Finding] {
        let names = unorderedNames(in: source)
        let tokens = source.tokens
        let walked = tokens.indices.filter { index in
            guard names.contains(tokens[index].text), index > 0 else { return false }
            return isLoop(at: index, in: tokens) || isWalk(at: index, in: tokens)
        }
        return Set(walked.map { tokens[$0].line }).filter { !saysWhy(line: $0, in: source) }.map {
            Finding(
                path: source.path, line: $0,
                message: "a walk over a dictionary or set, whose order differs in every process; sort it by its bytes, "
                    + "or say in a comment directly above why the order does not matter")
        }
    }

    /// Names with a type or a value that has no order: `x: [A: B]`, `x: Set<A>`, `x = Set(`, `x = [:]`.
    private static func unorderedNames(in source: SwiftSource) -> Set<Substring> {
        let tokens = source.tokens
        var names: Set<Substring> = []
        for index in tokens.indices.dropLast(3) where tokens[index].isWord {
            guard tokens[index + 1].text == ":" || tokens[index + 1].text == "=" else { continue }
            let type = tokens[index + 2].text
            if type == "Set" || type == "Dictionary" || isDictionaryType(at: index + 2, in: tokens) {
                names.insert(tokens[index].text)
            }
        }
        return names
    }

    /// `[` … `:` … `]` with the colon outside inner brackets, and not an argument list.
    private static func isDictionaryType(at start: Int, in tokens: [SwiftSource.Token]) -> Bool {
        guard tokens[start].text == "[" else { return false }
        var depth = 0
        for token in tokens[start...].prefix(40) {
            if ["[", "("].contains(token.text) { depth += 1 }
            if ["]", ")"].contains(token.text) { depth -= 1 }
            if depth == 0 { return false }
            if token.text == ":", depth == 1 { return true }
        }
        return false
    }

    /// `in x {` or `in x where`.
    private static func isLoop(at index: Int, in tokens: [SwiftSource.Token]) -> Bool {
        guard tokens[index - 1].text == "in", index + 1 < tokens.count else { return false }
        return ["{", "where"].contains(tokens[index + 1].text)
    }

    /// `x.map`, `x.keys` and so on, unless sorted at once.
    private static func isWalk(at index: Int, in tokens: [SwiftSource.Token]) -> Bool {
        guard index + 2 < tokens.count, tokens[index + 1].text == ".", walks.contains(tokens[index + 2].text) else {
            return false
        }
        let isView = tokens[index + 2].text == "keys" || tokens[index + 2].text == "values"
        return !(isView && index + 4 < tokens.count && tokens[index + 4].text == "sorted")
    }

    private static func saysWhy(line: Int, in source: SwiftSource) -> Bool {
        source.comments[max(0, line - 3)..<line].contains { $0.lowercased().contains("order") }
    }
}
