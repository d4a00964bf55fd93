/// Files and functions that nobody can hold in the head, and promises the compiler does not check.
struct SizeCheck {
    static let fileLineCountMax = 400
    static let functionLineCountMax = 40

    private static let promises = [["@", "unchecked", "Sendable"], ["nonisolated", "(", "unsafe", ")"]]

    static func findings(in tree: SourceTree) -> [Finding] {
        let ratchet = Ratchet(text: tree.text(at: Ratchet.path)?.text ?? "")
        return ratchet.findings(for: measure(tree))
            + tree.sources.filter { !$0.isGenerated }.flatMap(unexplainedPromises)
    }

    /// Everything over a limit, by ratchet entry.
    static func measure(_ tree: SourceTree) -> [Ratchet.Entry: (size: Int, finding: Finding)] {
        var measured: [Ratchet.Entry: (size: Int, finding: Finding)] = [:]
        for source in tree.sources where !source.isGenerated {
            guard source.path.hasPrefix("Sources/") || source.path.hasPrefix("Tests/") else { continue }
            measureFile(source, into: &measured)
            measureFunctions(source, into: &measured)
            measurePromises(source, into: &measured)
        }
        return measured
    }

    private static func measureFile(
        _ source: SwiftSource, into measured: inout [Ratchet.Entry: (size: Int, finding: Finding)]
    ) {
        let count = source.lines.count - 1
        guard count > fileLineCountMax else { return }
        measured[.init(kind: "file", subject: source.path)] = (
            count,
            Finding(
                path: source.path, line: 0,
                message: "\(count) lines, over \(fileLineCountMax); split it by type or by verb (`Type+Verb.swift`)")
        )
    }

    private static func measureFunctions(
        _ source: SwiftSource, into measured: inout [Ratchet.Entry: (size: Int, finding: Finding)]
    ) {
        for function in source.functions where function.lineCount > functionLineCountMax {
            let entry = Ratchet.Entry(kind: "function", subject: "\(source.path) \(function.name)")
            guard function.lineCount > measured[entry]?.size ?? 0 else { continue }
            measured[entry] = (
                function.lineCount,
                Finding(
                    path: source.path, line: function.line,
                    message: "\(function.name) has \(function.lineCount) lines, over \(functionLineCountMax); "
                        + "name its steps and let it call them")
            )
        }
    }

    private static func measurePromises(
        _ source: SwiftSource, into measured: inout [Ratchet.Entry: (size: Int, finding: Finding)]
    ) {
        let lines = promises.flatMap { source.lines(matching: $0) }
        guard let first = lines.min() else { return }
        measured[.init(kind: "unchecked", subject: source.path)] = (
            lines.count,
            Finding(
                path: source.path, line: first,
                message: "\(lines.count) promise(s) the compiler cannot check; use a `Mutex`, an actor or a value; "
                    + "if none can do it, add `unchecked \(source.path) \(lines.count)` to \(Ratchet.path)")
        )
    }

    private static func unexplainedPromises(_ source: SwiftSource) -> [Finding] {
        promises.flatMap { source.lines(matching: $0) }.filter { !source.isExplained(line: $0) }.map {
            Finding(
                path: source.path, line: $0,
                message: "write the reason why this is safe in a comment directly above")
        }
    }
}
