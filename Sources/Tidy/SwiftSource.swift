/// A Swift file as the checks see it.
struct SwiftSource {
    let path: String
    /// As written.
    let lines: [Substring]
    /// The same lines with comments and the text of literals blanked.
    let code: [Substring]
    /// The same lines with everything but comments blanked.
    let comments: [Substring]
    let tokens: [Token]
    /// Every function and initialiser that has a body, found by counting braces.
    let functions: [FunctionDeclaration]

    /// True for code that a generator wrote and writes again: a file below a folder `Generated` that begins by saying so. Its
    /// sizes and promises are the generator's; everything else holds for it too.
    var isGenerated: Bool { path.contains("/Generated/") && lines.first == "// DO NOT EDIT." }

    /// A word or one character of punctuation.
    struct Token {
        let text: Substring
        /// From 1.
        let line: Int
        /// True where white space or a line break stands before it.
        let isSpaced: Bool

        var isWord: Bool {
            guard let first = text.utf8.first else { return false }
            return SwiftSource.isWordByte(first)
        }
    }

    init(path: String, text: String) {
        let lexer = SwiftLexer(text)
        self.path = path
        lines = SwiftSource.split(text)
        code = SwiftSource.split(String(decoding: lexer.code, as: UTF8.self))
        comments = SwiftSource.split(String(decoding: lexer.comments, as: UTF8.self))
        let tokens = SwiftSource.tokenize(code)
        self.tokens = tokens
        functions = tokens.indices.compactMap { FunctionDeclaration(at: $0, in: tokens) }
    }

    private static func split(_ text: String) -> [Substring] {
        text.split(separator: "\n", omittingEmptySubsequences: false)
    }

    static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 128...255:
            true
        default: false
        }
    }

    private static func tokenize(_ lines: [Substring]) -> [Token] {
        var tokens: [Token] = []
        for (number, line) in lines.enumerated() {
            let bytes = line.utf8
            var index = bytes.startIndex
            var isSpaced = true
            while index < bytes.endIndex {
                if bytes[index] == UInt8(ascii: " ") || bytes[index] == UInt8(ascii: "\t") {
                    isSpaced = true
                    index = bytes.index(after: index)
                    continue
                }
                var end = bytes.index(after: index)
                if isWordByte(bytes[index]) {
                    while end < bytes.endIndex, isWordByte(bytes[end]) { end = bytes.index(after: end) }
                }
                tokens.append(Token(text: line[index..<end], line: number + 1, isSpaced: isSpaced))
                isSpaced = false
                index = end
            }
        }
        return tokens
    }

    /// The first line of every place where the token texts of `pattern` stand in a row.
    func lines(matching pattern: [String]) -> [Int] {
        tokens.indices.filter { matches(pattern, at: $0) }.map { tokens[$0].line }
    }

    func matches(_ pattern: [String], at start: Int) -> Bool {
        start + pattern.count <= tokens.count
            && pattern.indices.allSatisfy { tokens[start + $0].text == pattern[$0] }
    }

    /// True where the line directly above `line` (from 1), or the end of the line itself, is a comment.
    func isExplained(line: Int) -> Bool {
        let hasComment = { (number: Int) in
            comments.indices.contains(number - 1) && comments[number - 1].contains { $0 != " " }
        }
        return hasComment(line) || hasComment(line - 1)
    }
}
