extension SwiftSource {
    private static let typeKeywords: Set<Substring> = [
        "struct", "enum", "class", "actor", "protocol", "typealias", "associatedtype",
    ]
    private static let memberKeywords: Set<Substring> = ["func", "let", "var", "case"]

    /// The imported modules with their lines. `import struct A.B` counts as `A`.
    var imports: [(module: Substring, line: Int)] {
        let kinds = SwiftSource.typeKeywords.union(["func", "let", "var"])
        return tokens.indices.compactMap { index in
            guard tokens[index].text == "import", index + 1 < tokens.count else { return nil }
            guard index == 0 || tokens[index - 1].text != "." else { return nil }
            let isKind = kinds.contains(tokens[index + 1].text)
            guard index + (isKind ? 2 : 1) < tokens.count else { return nil }
            return (tokens[index + (isKind ? 2 : 1)].text, tokens[index].line)
        }
    }

    /// The names of the types declared here, nested ones too.
    var typeNames: [(name: Substring, line: Int)] { names(after: SwiftSource.typeKeywords) }

    /// The names of functions, properties and cases declared here (locals too: good enough for a link check).
    var memberNames: [Substring] { names(after: SwiftSource.memberKeywords).map(\.name) }

    private func names(after keywords: Set<Substring>) -> [(name: Substring, line: Int)] {
        tokens.indices.dropFirst().compactMap { index in
            guard keywords.contains(tokens[index - 1].text), tokens[index].isWord else { return nil }
            guard index < 2 || tokens[index - 2].text != "." else { return nil }
            return (tokens[index].text, tokens[index].line)
        }
    }
}
