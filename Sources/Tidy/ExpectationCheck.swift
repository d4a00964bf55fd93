/// Tests that cannot fail: nothing in them, or in what they call, ever expects anything.
struct ExpectationCheck {
    private static let expectations: Set<Substring> = ["expect", "require"]
    private static let folders = ["Tests/", "Sources/TestSupport/"]

    static func findings(in tree: SourceTree) -> [Finding] {
        let files = tree.sources.filter { source in folders.contains { source.path.hasPrefix($0) } }
        let functions = files.flatMap { source in source.functions.map { (path: source.path, function: $0) } }
        let checking = namesOfCheckingFunctions(functions.map(\.function))
        return functions.filter { $0.function.hasTestAttribute && !checks($0.function, calling: checking) }.map {
            Finding(
                path: $0.path, line: $0.function.line,
                message:
                    "\($0.function.name) expects nothing; say with #expect or #require what must hold, or remove it")
        }
    }

    /// Functions that expect something themselves or through others, found by repeating until nothing is added.
    private static func namesOfCheckingFunctions(_ functions: [FunctionDeclaration]) -> Set<Substring> {
        var names: Set<Substring> = []
        var before = -1
        while names.count > before {
            before = names.count
            for function in functions where !function.hasTestAttribute && checks(function, calling: names) {
                names.insert(function.name)
            }
        }
        return names
    }

    private static func checks(_ function: FunctionDeclaration, calling names: Set<Substring>) -> Bool {
        let body = function.body
        return body.indices.contains { index in
            let previous = index > body.startIndex ? body[index - 1].text : ""
            if previous == "#", expectations.contains(body[index].text) { return true }
            if previous == ".", body[index].text == "record" { return true }
            if body[index].text == "confirmation" { return true }
            guard index + 1 < body.endIndex, ["(", "{"].contains(body[index + 1].text) else { return false }
            return names.contains(body[index].text)
        }
    }
}
