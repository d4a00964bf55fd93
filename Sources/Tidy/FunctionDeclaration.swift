/// A function or initialiser with a body, found by counting braces.
struct FunctionDeclaration {
    private static let attributeEnders: Set<Substring> = ["func", "init", "struct", "enum", "class", "var", "let", "}"]

    let name: Substring
    /// The line of `func` or `init`, from 1.
    let line: Int
    let lineCount: Int
    let hasTestAttribute: Bool
    /// The tokens between the braces.
    let body: ArraySlice<SwiftSource.Token>

    /// Reads the declaration whose `func` or `init` is the token at `index`; nil for any other token, for calls, and for
    /// a protocol's requirement.
    init?(at index: Int, in tokens: [SwiftSource.Token]) {
        let isInitialiser = tokens[index].text == "init"
        guard isInitialiser || tokens[index].text == "func" else { return nil }
        guard index == 0 || tokens[index - 1].text != ".", index + 1 < tokens.count else { return nil }
        if isInitialiser, !["(", "<", "?"].contains(tokens[index + 1].text) { return nil }
        guard let open = FunctionDeclaration.bodyStart(after: index, in: tokens) else { return nil }
        guard let close = FunctionDeclaration.matchingBrace(from: open, in: tokens) else { return nil }
        name = tokens[isInitialiser ? index : index + 1].text
        line = tokens[index].line
        lineCount = tokens[close].line - tokens[index].line + 1
        hasTestAttribute = FunctionDeclaration.hasTestAttribute(before: index, in: tokens)
        body = tokens[(open + 1)..<close]
    }

    /// The brace that opens the body, or nil for a protocol's requirement.
    private static func bodyStart(after declaration: Int, in tokens: [SwiftSource.Token]) -> Int? {
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

    private static func matchingBrace(from open: Int, in tokens: [SwiftSource.Token]) -> Int? {
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

    private static func hasTestAttribute(before declaration: Int, in tokens: [SwiftSource.Token]) -> Bool {
        var index = declaration - 1
        var depth = 0
        while index >= 1 {
            let text = tokens[index].text
            if text == ")" { depth += 1 }
            if text == "(" { depth -= 1 }
            if depth == 0, attributeEnders.contains(text) { return false }
            if depth == 0, text == "Test", tokens[index - 1].text == "@" { return true }
            index -= 1
        }
        return false
    }
}
