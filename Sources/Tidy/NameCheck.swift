/// Names that say nothing: whatever lies under them belongs to a noun of its own.
struct NameCheck {
    private static let words: Set<String> = [
        "Util", "Utils", "Utility", "Utilities", "Helper", "Helpers", "Common", "Manager", "Misc", "Extensions",
        "Placeholder",
    ]
    private static let suffixes = ["Utils", "Utilities", "Helper", "Helpers", "Manager", "Misc", "Extensions"]
    private static let advice = "name it after the one thing it does, or move its parts to the types they serve"

    static func findings(in tree: SourceTree) -> [Finding] {
        let files = tree.paths.sorted().filter { path in
            (path.hasPrefix("Sources/") || path.hasPrefix("Tests/")) && isEmptyWord(stem(of: path))
        }.map { Finding(path: $0, line: 0, message: "the name says nothing; \(advice)") }
        let types = tree.sources.flatMap { source in
            source.typeNames.filter { isEmptyWord(String($0.name)) }.map {
                Finding(path: source.path, line: $0.line, message: "the name \($0.name) says nothing; \(advice)")
            }
        }
        return files + types
    }

    private static func stem(of path: String) -> String {
        let name = path.split(separator: "/").last ?? ""
        return String(name.prefix { $0 != "." && $0 != "+" })
    }

    private static func isEmptyWord(_ name: String) -> Bool {
        words.contains(name) || suffixes.contains { name.hasSuffix($0) }
    }
}
