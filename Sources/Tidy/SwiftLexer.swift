/// Separates what a Swift file does from what it says: code, comments, and the text inside literals.
///
/// The results have the line structure of the input; whatever belongs to another class is blanked with spaces.
/// Interpolated expressions count as code. Regex literals are not recognised (this project has none).
struct SwiftLexer {
    private enum Mode: Equatable {
        case code(openParentheses: Int)
        case lineComment
        case blockComment(depth: Int)
        case literal(hashes: Int, isMultiline: Bool)
    }

    /// By byte: true where it can end or begin anything.
    private static let boundaries = (0...255).map { "\n/*\"#\\()".utf8.contains($0) }

    private let input: [UInt8]
    private var index = 0
    private var modes: [Mode] = [.code(openParentheses: 0)]
    private(set) var code: [UInt8]
    private(set) var comments: [UInt8]

    init(_ text: String) {
        input = Array(text.utf8)
        code = []
        comments = []
        code.reserveCapacity(input.count)
        comments.reserveCapacity(input.count)
        while index < input.count {
            let run = plainRun()
            if run > 0 { takeRun(run) } else { step() }
        }
    }

    private func sees(_ text: StaticString, at offset: Int = 0) -> Bool {
        let length = text.utf8CodeUnitCount
        guard index + offset + length <= input.count else { return false }
        for position in 0..<length where input[index + offset + position] != text.utf8Start[position] { return false }
        return true
    }

    /// The number of bytes from here to the next one that can end or begin anything.
    private func plainRun() -> Int {
        var end = index
        while end < input.count, !SwiftLexer.boundaries[Int(input[end])] { end += 1 }
        return end - index
    }

    /// Copies `count` bytes to `code`, to `comments` or to neither, and blanks them elsewhere.
    private mutating func take(_ count: Int, asCode: Bool = false, asComment: Bool = false) {
        for byte in input[index..<min(index + count, input.count)] {
            let isBreak = byte == UInt8(ascii: "\n")
            code.append(asCode || isBreak ? byte : UInt8(ascii: " "))
            comments.append(asComment || isBreak ? byte : UInt8(ascii: " "))
        }
        index += count
    }

    /// Copies a plain run to the class of the present mode.
    private mutating func takeRun(_ count: Int) {
        let run = input[index..<(index + count)]
        let blanks = repeatElement(UInt8(ascii: " "), count: count)
        switch modes[modes.count - 1] {
        case .code:
            code.append(contentsOf: run)
            comments.append(contentsOf: blanks)
        case .lineComment, .blockComment:
            code.append(contentsOf: blanks)
            comments.append(contentsOf: run)
        case .literal:
            code.append(contentsOf: blanks)
            comments.append(contentsOf: blanks)
        }
        index += count
    }

    private mutating func step() {
        switch modes[modes.count - 1] {
        case .code(let open): stepInCode(openParentheses: open)
        case .lineComment:
            if sees("\n") { modes.removeLast() }
            take(1, asComment: true)
        case .blockComment(let depth): stepInBlockComment(depth: depth)
        case .literal(let hashes, let isMultiline): stepInLiteral(hashes: hashes, isMultiline: isMultiline)
        }
    }

    private mutating func stepInCode(openParentheses: Int) {
        if sees("//") {
            modes.append(.lineComment)
            take(2, asComment: true)
        } else if sees("/*") {
            modes.append(.blockComment(depth: 1))
            take(2, asComment: true)
        } else if let hashes = literalStart() {
            let isMultiline = sees("\"\"\"", at: hashes)
            modes.append(.literal(hashes: hashes, isMultiline: isMultiline))
            take(hashes + (isMultiline ? 3 : 1), asCode: true)
        } else {
            stepInPlainCode(openParentheses: openParentheses)
        }
    }

    private mutating func stepInPlainCode(openParentheses: Int) {
        let isInterpolation = modes.count > 1
        if sees("("), isInterpolation { modes[modes.count - 1] = .code(openParentheses: openParentheses + 1) }
        if sees(")"), isInterpolation {
            if openParentheses == 1 {
                modes.removeLast()
            } else {
                modes[modes.count - 1] = .code(openParentheses: openParentheses - 1)
            }
        }
        take(1, asCode: true)
    }

    /// How many `#` stand before the quote that starts here, or nil where no literal starts.
    private func literalStart() -> Int? {
        var hashes = 0
        while index + hashes < input.count, input[index + hashes] == UInt8(ascii: "#") { hashes += 1 }
        return sees("\"", at: hashes) ? hashes : nil
    }

    private mutating func stepInBlockComment(depth: Int) {
        if sees("/*") {
            modes[modes.count - 1] = .blockComment(depth: depth + 1)
            take(2, asComment: true)
        } else if sees("*/") {
            modes.removeLast()
            if depth > 1 { modes.append(.blockComment(depth: depth - 1)) }
            take(2, asComment: true)
        } else {
            take(1, asComment: true)
        }
    }

    private mutating func stepInLiteral(hashes: Int, isMultiline: Bool) {
        if sees("\\"), hasHashes(hashes, at: 1) {
            if sees("(", at: 1 + hashes) {
                modes.append(.code(openParentheses: 1))
                take(2 + hashes)
            } else {
                take(2 + hashes)
            }
        } else if sees(isMultiline ? "\"\"\"" : "\""), hasHashes(hashes, at: isMultiline ? 3 : 1) {
            modes.removeLast()
            take((isMultiline ? 3 : 1) + hashes, asCode: true)
        } else {
            if sees("\n"), !isMultiline { modes.removeLast() }
            take(1)
        }
    }

    private func hasHashes(_ count: Int, at offset: Int) -> Bool {
        (0..<count).allSatisfy { sees("#", at: offset + $0) }
    }
}
