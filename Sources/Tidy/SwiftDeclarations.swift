/// A function or initialiser with a body.
struct FunctionDeclaration {
    let name: Substring
    /// The line of `func` or `init`, from 1.
    let line: Int
    let lineCount: Int
    let hasTestAttribute: Bool
    /// The tokens between the braces.
    let body: ArraySlice<SwiftSource.Token>
}

extension SwiftSource {
    private static let typeKeywords: Set<Substring> = [
        "struct", "enum", "class", "actor", "protocol", "typealias", "associatedtype",
    ]
    private static let memberKeywords: Set<Substring> = ["func", "let", "var", "case"]
    private static let attributeEnders: Set<Substring> = ["func", "init", "struct", "enum", "class", "var", "let", "}"]

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

    /// Every function and initialiser that has a body, found by counting braces.
    var functions: [FunctionDeclaration] { tokens.indices.compactMap(function(at:)) }

    private func function(at index: Int) -> FunctionDeclaration? {
        guard tokens[index].text == "func" || tokens[index].text == "init" else { return nil }
        guard index == 0 || tokens[index - 1].text != ".", index + 1 < tokens.count else { return nil }
        let isInitialiser = tokens[index].text == "init"
        if isInitialiser, !["(", "<", "?"].contains(tokens[index + 1].text) { return nil }
        guard let open = bodyStart(after: index), let close = matchingBrace(from: open) else { return nil }
        return FunctionDeclaration(
            name: tokens[isInitialiser ? index : index + 1].text,
            line: tokens[index].line,
            lineCount: tokens[close].line - tokens[index].line + 1,
            hasTestAttribute: hasTestAttribute(before: index),
            body: tokens[(open + 1)..<close])
    }

    /// The brace that opens the body, or nil for a protocol's requirement.
    private func bodyStart(after declaration: Int) -> Int? {
        var depth = 0
        for index in (declaration + 1)..<tokens.count {
            let token = tokens[index]
            switch token.text {
            case "(", "[": depth += 1
            case ")", "]": depth -= 1
            case "{" where depth == 0: return index
            case "}" where depth == 0: return nil
            case "func", "init", "var", "let", "case", "static", "mutating", "associatedtype", "@":
                if depth == 0, token.line > tokens[declaration].line { return nil }
            default: break
            }
        }
        return nil
    }

    private func matchingBrace(from open: Int) -> Int? {
        var depth = 0
        for index in open..<tokens.count {
            if tokens[index].text == "{" { depth += 1 }
            if tokens[index].text == "}" {
                depth -= 1
                if depth == 0 { return index }
            }
        }
        return nil
    }

    private func hasTestAttribute(before declaration: Int) -> Bool {
        var index = declaration - 1
        var depth = 0
        while index >= 1 {
            let text = tokens[index].text
            if text == ")" { depth += 1 }
            if text == "(" { depth -= 1 }
            if depth == 0, SwiftSource.attributeEnders.contains(text) { return false }
            if depth == 0, text == "Test", tokens[index - 1].text == "@" { return true }
            index -= 1
        }
        return false
    }
}
