/// Bans with reasons: tokens that may not occur in a part of the tree.
struct TokenCheck {
    /// Words that mark unfinished work; they are written as issues instead.
    private static let unfinished = ["TODO", "FIXME", "HACK", "XXX"]

    /// How many lines above a banned token its excuse may stand.
    private static let excuseDistance = 12

    private let plainFolders: [String]

    static func findings(in tree: SourceTree) -> [Finding] {
        let check = TokenCheck(plainFolders: tree.plainFolders)
        return tree.sources.flatMap { check.bannedTokens(in: $0) + check.forceUnwraps(in: $0) }
            + tree.texts.flatMap { check.unfinishedWork(in: $0) + check.uncheckedOptimisation(in: $0) }
    }

    private func covers(_ scope: BannedTokens.Scope, path: String) -> Bool {
        let isUnder = { (folders: [String]) in folders.contains { path.hasPrefix($0) } }
        return switch scope {
        case .sources: path.hasPrefix("Sources/")
        case .libraries: path.hasPrefix("Sources/") && !isUnder(BannedTokens.programFolders)
        case .plain: isUnder(plainFolders)
        case .consensus: isUnder(BannedTokens.consensusFolders)
        case .tests: path.hasPrefix("Tests/")
        }
    }

    private func bannedTokens(in source: SwiftSource) -> [Finding] {
        let bans = BannedTokens.all.filter { covers($0.scope, path: source.path) }
        let byFirst = Dictionary(grouping: bans) { $0.tokens[0][...] }
        return source.tokens.indices.flatMap { index in
            (byFirst[source.tokens[index].text] ?? []).filter { source.matches($0.tokens, at: index) }
                .filter { !isExcused($0, line: source.tokens[index].line, in: source) }.map {
                    Finding(
                        path: source.path, line: source.tokens[index].line,
                        message: "`\($0.tokens.joined())`: \($0.reason)")
                }
        }
    }

    /// True where one of the comments just above `line` makes the exception that the ban allows.
    private func isExcused(_ ban: BannedTokens, line: Int, in source: SwiftSource) -> Bool {
        guard let excuse = ban.excuse else { return false }
        let above = source.comments[max(0, line - 1 - TokenCheck.excuseDistance)..<(line - 1)]
        return above.contains { $0.contains(excuse) }
    }

    /// A `!` that stands directly behind a value, outside `try!` and `as!`.
    private func forceUnwraps(in source: SwiftSource) -> [Finding] {
        guard covers(.sources, path: source.path) else { return [] }
        let tokens = source.tokens
        return tokens.indices.dropFirst().filter { index in
            let before = tokens[index - 1]
            let isNotEqual = index + 1 < tokens.count && tokens[index + 1].text == "=" && !tokens[index + 1].isSpaced
            return tokens[index].text == "!" && !tokens[index].isSpaced && !isNotEqual
                && (before.isWord || [")", "]", "\""].contains(before.text)) && before.text != "try"
                && before.text != "as"
        }.map {
            Finding(
                path: source.path, line: tokens[$0].line,
                message: "force unwrap; use `guard let` with an error, or a type that cannot be nil")
        }
    }

    private func unfinishedWork(in file: SourceTree.TextFile) -> [Finding] {
        guard !file.path.hasPrefix("Sources/Tidy/"), !file.path.hasSuffix(".md") else { return [] }
        guard TokenCheck.unfinished.contains(where: file.text.contains) else { return [] }
        return file.lines.enumerated().flatMap { index, line in
            let words = line.split { !$0.isLetter && !$0.isNumber && $0 != "_" }
            return words.filter { TokenCheck.unfinished.contains(String($0)) }.map {
                Finding(
                    path: file.path, line: index + 1,
                    message: "\($0): finish it, or open an issue and write down here what holds today")
            }
        }
    }

    private func uncheckedOptimisation(in file: SourceTree.TextFile) -> [Finding] {
        guard !file.path.hasPrefix("Sources/Tidy/"), !file.path.hasSuffix(".md"),
            file.text.contains("-Ounchecked")
        else { return [] }
        return file.lines.enumerated().filter { $0.element.contains("-Ounchecked") }.map {
            Finding(
                path: file.path, line: $0.offset + 1,
                message: "-Ounchecked turns overflow into silent nonsense; build with -O")
        }
    }
}
